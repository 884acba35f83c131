#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "run/report.h"
#include "run/text.h"

static json_t *claim(const char *what, const char *unit, const char *marks, const char *numbers, const char *verdict)
{
    json_t *json = json_loads(numbers, 0, NULL);
    cr_assert(json != NULL);
    json_object_set_new(json, "what", json_string(what));
    json_object_set_new(json, "unit", json_string(unit));
    json_object_set_new(json, "marks", json_string(marks));
    json_object_set_new(json, "verdict", json_string(verdict));
    json_object_set_new(json, "source", json_string("LeCun et al. 1998, Fig. 9"));
    return json;
}

static json_t *result_of(json_t *claims, json_t *deviations)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:f, s:o, s:o}", "experiment", "lenet", "preset", "lab", "device",
                     "cpu", "command", "make experiments/lenet SEEDS=5", "threads", 2, "seconds", 252.4, "deviations",
                     deviations, "claims", claims);
}

/* The report's text, for the caller to free; every line must fit. */
static char *report(json_t *result)
{
    char *text = NULL;
    size_t size;
    dt_error err = {0};
    FILE *out = open_memstream(&text, &size);
    cr_assert(eq(int, (int)dt_report(out, result, &err), DT_OK), "%s", err.message);
    fclose(out);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        cr_assert(le(int, dt_text_width(line, strcspn(line, "\n")), 120));
    json_decref(result);
    return text;
}

Test(report, golden)
{
    json_t *claims = json_pack(
        "[o, o, o, o]",
        claim("test error", "%", "V",
              "{\"published\":0.95,\"band\":[0.8,1.1],\"values\":[1,1,1,1,1],\"mean\":0.9816,\"ci95\":0.0612}",
              "reproduced"),
        claim("MLP 784-300-10, déformations", "%", "M",
              "{\"published\":3.6,\"band\":[null,4],\"values\":[4.12],\"mean\":4.12,\"ci95\":null}", "not reproduced"),
        claim("steps", "", "V",
              "{\"published\":null,\"band\":[100,null],\"values\":[99.9,100],\"mean\":99.95,\"ci95\":0.64}", "close"),
        claim("無 measured", "", "V", "{\"published\":12,\"band\":[10,14],\"values\":[],\"mean\":null,\"ci95\":null}",
              "no claim"));
    char *text = report(result_of(
        claims,
        json_pack("[s, s]", "softmax output instead of RBF units",
                  "one difference that takes so many words to explain that the line would be far too long for the "
                  "hundred and twenty columns of the report")));
    static const char golden[] =
        "lenet, preset lab; ± is the 95 % confidence interval of the mean\n\n"
        "what                              published           ours                     band        verdict\n"
        "test error (%)                    0.95                0.982 ± 0.061 (5 seeds)  0.8 to 1.1  reproduced\n"
        "MLP 784-300-10, déformations (%)  ~3.6 [from memory]  4.12 (1 seed)            ≤ 4         not reproduced\n"
        "steps                             -                   100.0 ± 0.6 (2 seeds)    ≥ 100       close\n"
        "無 measured                       12                  not measured             10 to 14    no claim\n"
        "\npublished in:\n  - LeCun et al. 1998, Fig. 9\n"
        "\ndifferences from the paper:\n  - softmax output instead of RBF units\n"
        "  - one difference that takes so many words to explain that the line would be far too long for the hundred "
        "and "
        "twenty\n    columns of the report\n"
        "\ntime: 4 min 12 s on cpu, 2 threads\nrepeat: make experiments/lenet SEEDS=5\n";
    cr_assert(eq(str, text, (char *)golden));
    free(text);
}

Test(report, long_names_are_wrapped)
{
    char what[300] = "";
    for (int i = 0; i < 19; i++) strcat(what, "Österreich ");
    char *text = report(result_of(
        json_pack("[o]", claim(what, "%", "M",
                               "{\"published\":3.61234,\"band\":[1.5,2.5],\"values\":[1,2],\"mean\":1.5,\"ci95\":6.35}",
                               "reproduced")),
        json_array()));
    int count = 0;
    for (const char *at = text; (at = strstr(at, "Österreich")); at++) count++;
    cr_assert(eq(int, count, 19));
    cr_assert(strstr(text, "differences") == NULL);
    free(text);
}

Test(report, refuses_what_is_no_result)
{
    dt_error err = {0};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    json_t *empty = json_object();
    cr_assert(eq(int, (int)dt_report(out, empty, &err), DT_ERR_DATA));
    json_t *result = result_of(json_pack("[{s:s}]", "what", "x"), json_array());
    cr_assert(eq(int, (int)dt_report(out, result, &err), DT_ERR_DATA));
    cr_assert(strstr(err.message, "claim 1") != NULL);
    fclose(out);
    cr_assert(eq(sz, size, 0));
    free(text);
    json_decref(empty);
    json_decref(result);
}

Test(text, widths_and_lines)
{
    cr_assert(eq(int, dt_text_width("aé±無e\xcc\x81", 99), 6));
    cr_assert(eq(int, dt_text_width("\xff\xc3", 2), 2));
    cr_assert(eq(sz, dt_text_fit("é無é", 2), 2));
    cr_assert(eq(sz, dt_text_line("one two three", 9), 7));
    cr_assert(eq(sz, dt_text_line("one two three", 7), 7));
    cr_assert(eq(sz, dt_text_line("onetwothree", 4), 4));
    cr_assert(eq(sz, dt_text_line("  onetwothree", 4), 4));
    cr_assert(eq(sz, dt_text_line("無", 1), 3));
    cr_assert(eq(sz, dt_text_line("", 4), 0));
}

Test(text, durations)
{
    char buf[24];
    cr_assert(eq(str, (char *)dt_text_duration(0.2, buf, sizeof buf), "0 s"));
    cr_assert(eq(str, (char *)dt_text_duration(59.6, buf, sizeof buf), "1 min 00 s"));
    cr_assert(eq(str, (char *)dt_text_duration(252, buf, sizeof buf), "4 min 12 s"));
    cr_assert(eq(str, (char *)dt_text_duration(7500, buf, sizeof buf), "2 h 05 min"));
    cr_assert(eq(str, (char *)dt_text_duration(1e300, buf, sizeof buf), "unknown"));
}
