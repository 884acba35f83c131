#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <string.h>

#include "run/flags.h"
#include "run/text.h"

static const dt_flag own[] = {{"decay", DT_FLAG_REAL, "0.5", 0, 1, NULL, "weight decay", "model", true},
                              {"shift", DT_FLAG_INT, "-3", 0, 0, NULL, "any whole number", "model", true},
                              {"squash", DT_FLAG_CHOICE, "tanh", 0, 0, "tanh|relu", "activation", "model", true},
                              {"predict", DT_FLAG_SWITCH, NULL, 0, 0, NULL, "classify the FILEs", "model", false},
                              {0}};
static const dt_flag *const tables[] = {own, dt_common_flags, dt_training_flags};

static void quiet(const char *sentence)
{
    (void)sentence;
}

static dt_flags *parse(dt_status *status, dt_error *err, const char *words)
{
    static char text[1024];
    static char *argv[32];
    int argc = 1;
    snprintf(text, sizeof text, "%s", words);
    argv[0] = (char[]){"program"};
    for (char *w = strtok(text, " "); w; w = strtok(NULL, " ")) argv[argc++] = w;
    argv[argc] = NULL;
    memset(err, 0, sizeof *err);
    dt_flags *flags = dt_flags_new(tables, 3);
    *status = dt_flags_parse(flags, argc, argv, err);
    return flags;
}

/* The sentence that a bad command line gives. */
static const char *refused(const char *words)
{
    static char sentence[700];
    dt_status status;
    dt_error err;
    dt_flags_free(parse(&status, &err, words));
    cr_assert(eq(int, (int)status, (int)DT_ERR_CONFIG), "%s is not refused", words);
    return dt_error_text(&err, sentence, sizeof sentence);
}

static void expect(const char *words, const char *sentence)
{
    const char *got = refused(words);
    cr_assert(strcmp(got, sentence) == 0, "%s: got \"%s\", not \"%s\"", words, got, sentence);
}

Test(flags, values)
{
    dt_status status;
    dt_error err;
    dt_flags *f = parse(&status, &err, "--lr 1e-3 --epochs=12 --seed 1 --seed 7 --predict --squash relu --shift -9");
    cr_assert(eq(int, (int)status, (int)DT_OK));
    cr_assert(eq(dbl, dt_flag_real(f, "lr"), 1e-3));
    cr_assert(eq(i64, dt_flag_int(f, "epochs"), 12));
    cr_assert(eq(i64, dt_flag_int(f, "seed"), 7));
    cr_assert(eq(i64, dt_flag_int(f, "shift"), -9));
    cr_assert(eq(dbl, dt_flag_real(f, "decay"), 0.5));
    cr_assert(eq(str, (char *)dt_flag_text(f, "squash"), "relu"));
    cr_assert(eq(str, (char *)dt_flag_text(f, "preset"), "lab"));
    cr_assert(dt_flag_text(f, "out") == NULL);
    cr_assert(dt_flag_on(f, "predict"));
    cr_assert(not(dt_flag_on(f, "quiet")));
    cr_assert(dt_flag_given(f, "lr"));
    cr_assert(not(dt_flag_given(f, "decay")));
    dt_flags_free(f);
}

Test(flags, the_preset_yields_to_the_command_line)
{
    dt_status status;
    dt_error err;
    dt_flags *f = parse(&status, &err, "--lr 0.25");
    dt_flags_preset(f, "lr", "0.5");
    dt_flags_preset(f, "batch", "64");
    dt_flags_preset(f, "decay", "0.125");
    cr_assert(eq(dbl, dt_flag_real(f, "lr"), 0.25));
    cr_assert(eq(i64, dt_flag_int(f, "batch"), 64));
    cr_assert(eq(dbl, dt_flag_real(f, "decay"), 0.125));
    cr_assert(not(dt_flag_given(f, "batch")));
    dt_flags_free(f);
}

Test(flags, rest_arguments)
{
    dt_status status;
    dt_error err;
    dt_flags *f = parse(&status, &err, "one.png --predict two.png --lr 1 -- --three");
    int n;
    const char *const *rest = dt_flags_rest(f, &n);
    cr_assert(eq(int, n, 3));
    cr_assert(eq(str, (char *)rest[0], "one.png"));
    cr_assert(eq(str, (char *)rest[1], "two.png"));
    cr_assert(eq(str, (char *)rest[2], "--three"));
    cr_assert(eq(int, (int)dt_flags_no_rest(f, &err), (int)DT_ERR_CONFIG));
    cr_assert(strstr(err.message, "one.png") != NULL);
    dt_flags_free(f);
    f = parse(&status, &err, "--predict");
    cr_assert(eq(int, (int)dt_flags_no_rest(f, &err), (int)DT_OK));
    dt_flags_free(f);
}

Test(flags, unknown)
{
    expect("--epoch 3", "unknown flag --epoch; did you mean --epochs?");
    expect("--epohcs 3", "unknown flag --epohcs; did you mean --epochs?");
    expect("--pred", "unknown flag --pred; did you mean --predict?");
    expect("--ep=3", "unknown flag --ep; did you mean --epochs?");
    expect("--see 3", "unknown flag --see; did you mean --seed?");
    expect("--quiet --xylophone", "unknown flag --xylophone; --help lists the flags");
    expect("-e 3", "unknown flag -e; flags are written --name; --help lists them");
    expect("file -qe", "unknown flag -q; flags are written --name; --help lists them");
    expect("-\xc3\xa4", "unknown flag -?; flags are written --name; --help lists them");
    expect("--=4", "unknown flag --; --help lists the flags");
    expect("--a-name-that-is-far-longer-than-any-flag-of-any-program-would-ever-be-and-then-some",
           "unknown flag --a-name-that-is-far-longer-than-any-flag-of-any-program-would-ever-be-and-then-some; "
           "--help lists the flags");
}

Test(flags, no_abbreviation_is_taken)
{
    for (int i = 0;; i++) {
        dt_status status;
        dt_error err;
        dt_flags *f = parse(&status, &err, "");
        const dt_flag *flag = dt_flags_at(f, i);
        for (size_t n = 1; flag && n < strlen(flag->name); n++) {
            char words[80];
            snprintf(words, sizeof words, "--%.*s=1", (int)n, flag->name);
            if (n == 4 && strncmp(flag->name, "seeds", 4) == 0) continue; /* --seed is a flag of its own */
            cr_assert(strncmp(refused(words), "unknown flag --", 15) == 0, "%s", words);
        }
        dt_flags_free(f);
        if (!flag) break;
    }
}

Test(flags, numbers)
{
    expect("--epochs three", "--epochs three: not a whole number; give a number from 1 to 1000000");
    expect("--epochs 3x", "--epochs 3x: not a whole number; give a number from 1 to 1000000");
    expect("--epochs 3.5", "--epochs 3.5: not a whole number; give a number from 1 to 1000000");
    expect("--epochs 0", "--epochs 0: out of range; give a number from 1 to 1000000");
    expect("--epochs=", "--epochs : not a whole number; give a number from 1 to 1000000");
    expect("--shift 99999999999999999999", "--shift 99999999999999999999: out of range; give a number");
    expect("--decay 1.01", "--decay 1.01: out of range; give a number from 0 to 1");
    expect("--decay nan", "--decay nan: out of range; give a number from 0 to 1");
    expect("--lr inf", "--lr inf: out of range; give a number from 0 to 1000");
    expect("--lr 1e999", "--lr 1e999: out of range; give a number from 0 to 1000");
    expect("--lr 0,1", "--lr 0,1: not a number; give a number from 0 to 1000");
    expect("--lr=\t1", "--lr \t1: not a number; give a number from 0 to 1000");
}

Test(flags, choices_switches_and_missing_values)
{
    expect("--preset big", "--preset big: no such choice; choose one of smoke|lab|paper");
    expect("--preset smoke|lab", "--preset smoke|lab: no such choice; choose one of smoke|lab|paper");
    expect("--preset=", "--preset : no such choice; choose one of smoke|lab|paper");
    expect("--quiet=yes", "--quiet takes no value; write it alone");
    expect("--lr", "--lr needs a value; --help shows what it takes");
    expect("--out --quiet", "--out needs a value; --help shows what it takes");
    expect("--out=", "--out is empty; leave the flag out instead");
    expect("--data \xff", "--data: the text is not UTF-8");
}

Test(flags, config_has_what_changes_results)
{
    dt_status status;
    dt_error err;
    dt_flags *f = parse(&status, &err, "--lr 0.1 --threads 2 --out here --quiet");
    dt_flags_preset(f, "epochs", "5");
    json_t *config = dt_flags_config(f);
    char *text = json_dumps(config, JSON_COMPACT | JSON_REAL_PRECISION(15));
    cr_assert(eq(str, text,
                 "{\"decay\":0.5,\"shift\":-3,\"squash\":\"tanh\",\"preset\":\"lab\",\"seed\":1,\"seeds\":null,"
                 "\"device\":\"cpu\",\"epochs\":5,\"batch\":null,\"lr\":0.1,"
                 "\"schedule\":null,\"optimizer\":null,\"weight-decay\":null,\"max-norm\":null,"
                 "\"dropout\":null,\"input-dropout\":null,\"average\":null}"));
    free(text);
    json_decref(config);
    dt_flags_free(f);
}

Test(flags, help_names_every_flag_in_short_lines)
{
    dt_status status;
    dt_error err;
    dt_flags *f = parse(&status, &err, "");
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    dt_flags_help(out, f, "program [FLAGS]",
                  "Reproduces a classic result that takes more than one line of ninety-six "
                  "columns to describe, and so is wrapped at a space.");
    fclose(out);
    for (int i = 0; dt_flags_at(f, i); i++) {
        char name[40];
        snprintf(name, sizeof name, "\n  --%s ", dt_flags_at(f, i)->name);
        cr_assert(strstr(text, name) != NULL, "%s", name);
    }
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        cr_assert(le(int, dt_text_width(line, strcspn(line, "\n")), 96));
    cr_assert(strncmp(text, "usage: program [FLAGS]\n\nReproduces", 33) == 0);
    cr_assert(strstr(text, "\nmodel:\n  --decay X ") != NULL);
    cr_assert(strstr(text, "(number, 0 to 1, default 0.5)") != NULL);
    cr_assert(strstr(text, "  --squash tanh|relu      activation (default tanh)\n") != NULL);
    cr_assert(strstr(text, "learning rate at the start (number, 0 to 1000, default: the preset's)\n") != NULL);
    free(text);
    dt_flags_free(f);
}

Test(flags, misspelt_name_in_the_program, .signal = SIGABRT)
{
    dt_status status;
    dt_error err;
    dt_set_misuse_handler(quiet);
    dt_flag_int(parse(&status, &err, ""), "epoch");
}

Test(flags, other_type_than_the_table, .signal = SIGABRT)
{
    dt_status status;
    dt_error err;
    dt_set_misuse_handler(quiet);
    dt_flag_int(parse(&status, &err, "--lr 1"), "lr");
}

Test(flags, value_that_nobody_set, .signal = SIGABRT)
{
    dt_status status;
    dt_error err;
    dt_set_misuse_handler(quiet);
    dt_flag_real(parse(&status, &err, ""), "lr");
}

Test(flags, name_twice, .signal = SIGABRT)
{
    dt_set_misuse_handler(quiet);
    dt_flags_new((const dt_flag *const[]){own, own}, 2);
}

Test(flags, bad_default, .signal = SIGABRT)
{
    static const dt_flag bad[] = {{"rate", DT_FLAG_REAL, "2", 0, 1, NULL, "", "", true}, {0}};
    dt_set_misuse_handler(quiet);
    dt_flags_new((const dt_flag *const[]){bad}, 1);
}
