'use strict';
{
    const table = document.getElementById('claims'), body = table.tBodies[0], rows = [...body.rows];
    const words = document.getElementById('words'), shown = document.getElementById('shown');
    const selects = {experiment: 0, verdict: 5};
    const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();

    /* a filter offers what occurs in its column */
    for (const [name, column] of Object.entries(selects))
        for (const text of new Set(rows.map(row => row.cells[column].textContent.trim())))
            document.getElementById(name).append(new Option(text, text));

    const filter = () => {
        const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
        let count = 0;
        for (const row of rows) {
            const text = row.textContent.toLowerCase();
            const fits = Object.entries(selects).every(([name, column]) => {
                const choice = document.getElementById(name).value;
                return !choice || choice === row.cells[column].textContent.trim();
            });
            row.hidden = !(fits && wanted.every(word => text.includes(word)));
            count += !row.hidden;
        }
        shown.textContent = `${count} of ${rows.length}`;
    };

    /* numbers before text, and what has no number last */
    const compare = (a, b) => {
        const x = Number(a), y = Number(b), textual = [a, b].map(t => t === '' || Number.isNaN(Number(t)));
        if (textual[0] && textual[1]) return a.localeCompare(b);
        return textual[0] ? 1 : textual[1] ? -1 : x - y;
    };
    const sort = column => {
        const head = table.tHead.rows[0].cells, down = head[column].getAttribute('aria-sort') === 'ascending';
        for (const cell of head) cell.removeAttribute('aria-sort');
        head[column].setAttribute('aria-sort', down ? 'descending' : 'ascending');
        rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column)));
        body.append(...rows);
    };

    [...table.tHead.rows[0].cells].forEach((cell, column) => cell.firstElementChild.addEventListener('click', () => sort(column)));
    for (const id of ['words', ...Object.keys(selects)]) document.getElementById(id).addEventListener('input', filter);
    document.getElementById('filters').addEventListener('submit', event => event.preventDefault());
    filter();
}
