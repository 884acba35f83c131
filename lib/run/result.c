#include "run/result.h"

#include <stdlib.h>
#include <string.h>

#include "run/machine.h"
#include "run/version.h"

/* A JSON string must be UTF-8, but a command line or a path need not be: there, bytes beyond ASCII become '?'. */
static json_t *text_json(const char *text)
{
    if (!text) return json_null();
    json_t *json = json_string(text);
    if (json) return json;
    char *ascii = strdup(text);
    if (!ascii) return NULL;
    for (char *c = ascii; *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    json = json_string(ascii);
    free(ascii);
    return json;
}

static json_t *dataset_json(const char *name, const char *sha256)
{
    return json_pack("{s:o, s:o}", "name", text_json(name), "sha256", text_json(sha256));
}

/* NULL where there is none: "o*" then leaves the key out. */
static json_t *second_json(const dt_run_info *info)
{
    return info->second ? dataset_json(info->second, info->second_sha256) : NULL;
}

json_t *dt_config_json(const dt_run_info *info, json_t *flags)
{
    char cpu[160];
    json_t *json =
        json_pack("{s:o, s:o, s:O, s:s, s:o, s:o, s:o, s:o, s:i, s:o, s:o*}", "experiment", text_json(info->experiment),
                  "preset", text_json(info->preset), "flags", flags, "version", DT_VERSION, "compiler",
                  text_json(dt_compiler()), "cpu", text_json(dt_cpu_name(cpu, sizeof cpu)), "instructions",
                  text_json(info->instructions), "device", text_json(info->device), "threads", info->threads, "dataset",
                  dataset_json(info->dataset, info->sha256), "second_dataset", second_json(info));
    DT_REQUIRE(json, "config.json cannot be made");
    return json;
}

json_t *dt_result_json(const dt_run_info *info, const dt_claims *claims)
{
    json_t *deviations = json_array();
    for (int i = 0; i < info->n_deviations; i++) json_array_append_new(deviations, text_json(info->deviations[i]));
    json_t *json =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:i, s:f, s:o, s:s, s:o, s:o*, s:o, s:o}", "experiment",
                  text_json(info->experiment), "title", text_json(info->title), "paper", text_json(info->paper),
                  "preset", text_json(info->preset), "device", text_json(info->device), "threads", info->threads,
                  "seconds", info->seconds, "command", text_json(info->command), "version", DT_VERSION, "dataset",
                  dataset_json(info->dataset, info->sha256), "second_dataset", second_json(info), "deviations",
                  deviations, "claims", dt_claims_json(claims, info->preset, info->claims));
    DT_REQUIRE(json, "result.json cannot be made");
    return json;
}
