/* map.html: the most frequent words as a map with a search, in one file that fetches nothing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/word2vec/parts.h"

enum { MAPPED = 1000, PERPLEXITY = 20, STEPS = 600 };

/* A word as a JSON string, which may also stand in a script of HTML. */
static void print_word(FILE *out, const space *s, int32_t id)
{
    int64_t bytes;
    const uint8_t *word = dt_vocabulary_unit(s->words, id, &bytes);
    putc('"', out);
    for (int64_t i = 0; i < bytes; i++) {
        if (word[i] == '"' || word[i] == '\\' || word[i] == '<' || word[i] == '>' || word[i] == '&' || word[i] < ' ')
            fprintf(out, "\\u%04x", word[i]);
        else
            putc(word[i], out);
    }
    putc('"', out);
}

static const char head[] =
    "<!doctype html>\n<html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\n"
    "<title>A map of words</title>\n<style>\n"
    "body { font: 16px sans-serif; margin: 0; display: flex; flex-direction: column; height: 100vh; color: #222 }\n"
    "form { padding: .6em 1em; display: flex; gap: 1em; align-items: baseline; flex-wrap: wrap }\n"
    "input { font: inherit; padding: .2em .5em }\nsvg { flex: 1; min-height: 0; width: 100%; cursor: grab }\n"
    "text { font-size: 11px; fill: #444; text-anchor: middle }\n.found { fill: #d55e00; font-weight: bold }\n"
    "</style>\n<form><label>Find <input id=q type=search autocomplete=off placeholder='king' "
    "aria-describedby=n></label>"
    "<span id=n role=status></span><span>Wheel: zoom. Drag: move.</span></form>\n<svg id=map "
    "role=img aria-label='words; similar ones stand together'></svg>\n<script>\nconst words = [\n";

/* Labels keep their size on the screen when the map grows. */
static const char tail[] =
    "];\nconst svg = document.getElementById('map'), q = document.getElementById('q');\n"
    "const n = document.getElementById('n');\n"
    "const box = { x: 0, y: 0, w: 1000, h: 1000 };\nconst labels = words.map(([word, x, y]) => {\n"
    "  const t = document.createElementNS('http://www.w3.org/2000/svg', 'text');\n"
    "  t.textContent = word; t.setAttribute('x', x); t.setAttribute('y', y); svg.append(t); return t; });\n"
    "function view() {\n  svg.setAttribute('viewBox', `${box.x} ${box.y} ${box.w} ${box.h}`);\n"
    "  const scale = Math.min(svg.clientWidth / box.w, svg.clientHeight / box.h) || 1;\n"
    "  for (const t of labels) t.style.fontSize = (t.classList.contains('found') ? 18 : 11) / scale + 'px';\n}\n"
    "function find() {\n  const wanted = q.value.trim().toLowerCase();\n  let hits = 0;\n"
    "  labels.forEach((t, i) => {\n"
    "    const hit = wanted !== '' && words[i][0].toLowerCase().startsWith(wanted);\n"
    "    t.classList.toggle('found', hit); if (hit) { hits++; svg.append(t); } });\n"
    "  n.textContent = wanted === '' ? words.length + ' words' : hits + ' found'; view();\n}\n"
    "q.addEventListener('input', find);\n"
    "document.querySelector('form').addEventListener('submit', e => e.preventDefault());\n"
    "svg.addEventListener('wheel', e => {\n  e.preventDefault();\n"
    "  const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());\n"
    "  const f = Math.exp(e.deltaY / 500);\n  box.x = p.x - (p.x - box.x) * f; box.y = p.y - (p.y - box.y) * f;\n"
    "  box.w *= f; box.h *= f; view(); }, { passive: false });\n"
    "svg.addEventListener('pointermove', e => {\n  if (!(e.buttons & 1)) return;\n"
    "  const scale = Math.min(svg.clientWidth / box.w, svg.clientHeight / box.h);\n"
    "  box.x -= e.movementX / scale; box.y -= e.movementY / scale; view(); });\n"
    "addEventListener('resize', view);\nfind();\n</script>\n</html>\n";

dt_status draw_map(dt_trial *trial, const space *s, dt_error *err)
{
    const int64_t n = s->size < MAPPED ? s->size : MAPPED;
    double *xy = malloc((size_t)(2 * n) * sizeof *xy), low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    DT_REQUIRE(xy, "out of memory for a map");
    tsne(s->unit, n, s->dims, PERPLEXITY, STEPS, xy);
    for (int64_t i = 0; i < 2 * n; i++) {
        low[i % 2] = fmin(low[i % 2], xy[i]);
        high[i % 2] = fmax(high[i % 2], xy[i]);
    }
    dt_buffer b;
    dt_buffer_open(&b, "map.html");
    fputs(head, b.file);
    for (int64_t i = 0; i < n; i++) {
        putc('[', b.file);
        print_word(b.file, s, (int32_t)i);
        for (int64_t k = 0; k < 2; k++) {
            const double range = high[k] - low[k];
            fprintf(b.file, ",%.1f", range > 0 ? 20 + 960 * (xy[2 * i + k] - low[k]) / range : 500);
        }
        fputs("],\n", b.file);
    }
    fputs(tail, b.file);
    free(xy);
    return dt_trial_buffer(trial, &b, err);
}
