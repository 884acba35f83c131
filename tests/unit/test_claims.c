#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <setjmp.h>

#include "run/claims.h"
#include "scratch.h"

TestSuite(claims, .init = scratch_make, .fini = scratch_remove);

#define HEADER "id\twhat\tpublished\tunit\tlow\thigh\tbetter\tpreset\tmarks\tsource\tnote\n"
#define ROW "err\ttest error\t0.95\t%\t0.8\t1.1\tlower\tlab,paper\tV\tLeCun et al. 1998, Fig. 9\t\n"

static dt_claims *load(const char *text)
{
    dt_error err = {0};
    dt_claims *claims;
    scratch_write("p.tsv", text, strlen(text));
    cr_assert(eq(int, (int)dt_claims_load(scratch_path("p.tsv"), &claims, &err), DT_OK), "%s", err.message);
    return claims;
}

/* A text that must be refused at that line with a message that contains `part`. */
static void refused(const char *text, size_t bytes, int line, const char *part)
{
    dt_error err = {0};
    dt_claims *claims;
    char path[300];
    scratch_write("p.tsv", text, bytes);
    cr_assert(eq(int, (int)dt_claims_load(scratch_path("p.tsv"), &claims, &err), DT_ERR_DATA), "%s", text);
    cr_assert(claims == NULL);
    snprintf(path, sizeof path, line ? "%s:%d" : "%s", scratch_path("p.tsv"), line);
    cr_assert(eq(str, err.path, path));
    cr_assert(strstr(err.message, part) != NULL, "\"%s\" is not in \"%s\"", part, err.message);
}

static void bad_row(const char *row, const char *part)
{
    char text[1000];
    snprintf(text, sizeof text, "%s# comment\n\n%s%s\n", HEADER, ROW, row);
    refused(text, strlen(text), 5, part);
}

Test(claims, load)
{
    dt_claims *c = load(HEADER "# comment\n\r\n" ROW
                               "acc\tgenauigkeit für alle\t-\t\t97\t-\thigher\tpaper\tM\tA 1990\ta note\r\n");
    cr_assert(eq(int, c->n, 2));
    cr_assert(eq(str, c->claim[0].id, "err"));
    cr_assert(eq(str, c->claim[0].unit, "%"));
    cr_assert(eq(str, c->claim[0].source, "LeCun et al. 1998, Fig. 9"));
    cr_assert(eq(dbl, c->claim[0].published, 0.95));
    cr_assert(eq(dbl, c->claim[0].high, 1.1));
    cr_assert(c->claim[0].lower_is_better && !c->claim[1].lower_is_better);
    cr_assert(isnan(c->claim[1].published) && isinf(c->claim[1].high));
    cr_assert(eq(str, c->claim[1].note, "a note"));
    dt_claims_free(c);
}

Test(claims, bad_rows)
{
    bad_row("a\tb", "has 2 fields; 11 are needed");
    bad_row("a\tb\t1\t%\t0\t2\tlower\tlab\tV\tsource\t\textra", "has 12 fields");
    bad_row("a b\tb\t1\t%\t0\t2\tlower\tlab\tV\tsource\t", "id \"a b\"");
    bad_row("\tb\t1\t%\t0\t2\tlower\tlab\tV\tsource\t", "id \"\"");
    bad_row("a\t\t1\t%\t0\t2\tlower\tlab\tV\tsource\t", "what");
    bad_row("a\tb\tx\t%\t0\t2\tlower\tlab\tV\tsource\t", "published \"x\"");
    bad_row("a\tb\tnan\t%\t0\t2\tlower\tlab\tV\tsource\t", "published \"nan\"");
    bad_row("a\tb\t1\t%\t0.1x\t2\tlower\tlab\tV\tsource\t", "low \"0.1x\"");
    bad_row("a\tb\t1\t%\t0\t\tlower\tlab\tV\tsource\t", "high \"\"");
    bad_row("a\tb\t1\t%\t-\t-\tlower\tlab\tV\tsource\t", "open at both ends");
    bad_row("a\tb\t1\t%\t3\t2\tlower\tlab\tV\tsource\t", "above high");
    bad_row("a\tb\t1\t%\t0\t2\tless\tlab\tV\tsource\t", "better \"less\"");
    bad_row("a\tb\t1\t%\t0\t2\tlower\tsmoke\tV\tsource\t", "preset \"smoke\"");
    bad_row("a\tb\t1\t%\t0\t2\tlower\tlab\tX\tsource\t", "marks \"X\"");
    bad_row("a\tb\t1\t%\t0\t2\tlower\tlab\tV\t\t", "source");
    bad_row("err\tb\t1\t%\t0\t2\tlower\tlab\tV\tsource\t", "stands in an earlier row");
    bad_row("a\t\xff\t1\t%\t0\t2\tlower\tlab\tV\tsource\t", "UTF-8");
}

Test(claims, bad_files)
{
    dt_error err;
    dt_claims *claims;
    cr_assert(eq(int, (int)dt_claims_load(scratch_path("absent"), &claims, &err), DT_ERR_IO));
    cr_assert(eq(int, (int)dt_claims_load(scratch_folder, &claims, &err), DT_ERR_IO));
    refused("", 0, 0, "no header line");
    refused(HEADER, strlen(HEADER), 0, "no claim");
    refused(ROW, strlen(ROW), 1, "column \"err\"");
    refused("id\twhat\n", 8, 1, "lacks columns");
    refused(HEADER "a\0b\n", sizeof HEADER - 1 + 4, 2, "UTF-8");
}

static void expect(dt_claims *c, const char *preset, bool same_data, const char *verdict)
{
    const char *got = dt_claim_verdict(&c->claim[0], preset, same_data);
    cr_assert(strcmp(got, verdict) == 0, "%s, not %s", got, verdict);
}

static void set_values(dt_claims *c, int n, const double *x)
{
    c->claim[0].n = 0;
    for (int i = 0; i < n; i++) dt_claims_add(c, "err", x[i]);
}

Test(claims, verdicts)
{
    dt_claims *c = load(HEADER ROW);
    expect(c, "lab", true, "no claim");
    set_values(c, 3, (const double[]){0.9, 1.0, 1.1});
    expect(c, "lab", true, "reproduced");
    expect(c, "paper", true, "reproduced");
    expect(c, "smoke", true, "no claim");
    expect(c, "pap", true, "no claim");
    expect(c, "lab", false, "no claim");
    set_values(c, 1, (const double[]){1.1});
    expect(c, "lab", true, "reproduced");
    set_values(c, 1, (const double[]){1.11}); /* one seed has no interval that could reach the band */
    expect(c, "lab", true, "not reproduced");
    set_values(c, 3, (const double[]){1.0, 1.15, 1.3}); /* 1.15 +- 0.37 */
    expect(c, "lab", true, "close");
    set_values(c, 3, (const double[]){1.14, 1.15, 1.16}); /* 1.15 +- 0.025 */
    expect(c, "lab", true, "not reproduced");
    set_values(c, 3, (const double[]){0.6, 0.7, 0.8}); /* 0.70 +- 0.25: better than the band is outside it too */
    expect(c, "lab", true, "close");
    set_values(c, 2, (const double[]){1.0, NAN});
    expect(c, "lab", true, "not reproduced");
    dt_claims_free(c);
}

Test(claims, open_bands)
{
    dt_claims *c = load(HEADER "err\twhat\t-\t\t-\t5\tlower\tlab\tV\tsource\t\n");
    set_values(c, 1, (const double[]){-1e9});
    expect(c, "lab", true, "reproduced");
    set_values(c, 1, (const double[]){5.1});
    expect(c, "lab", true, "not reproduced");
    dt_claims_free(c);
}

Test(claims, json)
{
    dt_claims *c = load(HEADER ROW "acc\tb\t-\t\t97\t-\thigher\tlab,paper\tM\tA 1990\tn\n"
                                   "other\tof another preset\t-\t\t97\t-\thigher\tpaper\tM\tA 1990\tn\n");
    set_values(c, 3, (const double[]){0.9, 1.0, 1.1});
    json_t *json = dt_claims_json(c, "lab", true);
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(4));
    cr_assert(
        eq(str, text,
           "[{\"id\":\"err\",\"what\":\"test error\",\"published\":0.95,\"unit\":\"%\",\"source\":\"LeCun et al. 1998, "
           "Fig. 9\",\"marks\":\"V\",\"better\":\"lower\",\"band\":[0.8,1.1],\"values\":[0.9,1.0,1.1],\"mean\":1.0,"
           "\"sd\":0.1,\"ci95\":0.2484,\"verdict\":\"reproduced\",\"note\":\"\"},"
           "{\"id\":\"acc\",\"what\":\"b\",\"published\":null,\"unit\":\"\",\"source\":\"A 1990\",\"marks\":\"M\","
           "\"better\":\"higher\",\"band\":[97.0,null],\"values\":[],\"mean\":null,\"sd\":null,\"ci95\":null,"
           "\"verdict\":\"no claim\",\"note\":\"n\"}]"));
    free(text);
    json_decref(json);
    dt_claims_free(c);
}

/* A number of no preset is shown where it was measured, and is never a claim. */
Test(claims, of_no_preset)
{
    dt_claims *c = load(HEADER "err\twhat\t1\t\t0\t5\tlower\t-\tV\tsource\t\n");
    json_t *json = dt_claims_json(c, "lab", true);
    cr_expect(eq(sz, json_array_size(json), 0));
    json_decref(json);
    set_values(c, 1, (const double[]){1});
    expect(c, "lab", true, "no claim");
    expect(c, "paper", true, "no claim");
    json = dt_claims_json(c, "paper", true);
    cr_expect(eq(sz, json_array_size(json), 1));
    json_decref(json);
    dt_claims_free(c);
}

static jmp_buf back;

static void caught(const char *sentence)
{
    cr_log_info("%s", sentence);
    longjmp(back, 1);
}

/* Whether adding n values to claim `id` is a misuse error. */
static bool misused(dt_claims *c, const char *id, int n)
{
    dt_set_misuse_handler(caught);
    if (setjmp(back)) return true;
    for (int i = 0; i < n; i++) dt_claims_add(c, id, 1);
    return false;
}

Test(claims, misuse)
{
    dt_claims *c = load(HEADER ROW);
    cr_assert(misused(c, "error", 1));
    cr_assert(not(misused(c, "err", DT_CLAIM_VALUES)));
    cr_assert(misused(c, "err", 1));
    dt_claims_free(c);
}

/* A group before the colon; no claim without a published number; an empty mean where nothing was measured; the interval
 * of several seeds: t(0.975, 1) = 12.706 times 1 / sqrt 2 times sd = sqrt 2. */
Test(claims, bars)
{
    dt_claims *c = load(HEADER "one\tPTB: LSTM\t115\t\t1\t2\tlower\tlab\tV\tA 1990\t\n"
                               "two\tplain\t0.5\t\t1\t2\tlower\tlab\tM\tA 1990\t\n"
                               "three\tPTB: gap\t-\t\t1\t2\tlower\tlab\tV\tA 1990\t\n"
                               "four\tPTB: net\t7\t\t1\t2\tlower\tlab\tS\tA 1990\t\n");
    dt_claims_add(c, "two", 1);
    dt_claims_add(c, "two", 3);
    dt_claims_add(c, "three", 3);
    dt_claims_add(c, "four", 8);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    cr_assert(out != NULL);
    dt_claims_bars(out, c);
    cr_assert(eq(int, fclose(out), 0));
    double mean, low, high;
    const char *plain = strstr(text, "plain\t\t0.5\t");
    cr_expect(strstr(text, "label\tgroup\tpublished\tmean\tlow\thigh\tfrom_memory\nLSTM\tPTB\t115\t\t\t\t0\n") == text);
    cr_assert(plain != NULL);
    cr_assert(eq(int, sscanf(plain, "plain\t\t0.5\t%lf\t%lf\t%lf\t1\n", &mean, &low, &high), 3));
    cr_expect(mean == 2 && fabs(high - 14.706) < 1e-3 && fabs(low + 10.706) < 1e-3, "%s", plain);
    cr_expect(strstr(text, "gap") == NULL);
    cr_expect(strstr(text, "\nnet\tPTB\t7\t8\t8\t8\t0\n") != NULL, "%s", text);
    free(text);
    dt_claims_free(c);
}
