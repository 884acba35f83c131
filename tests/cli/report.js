/* Appended to a copy of the report's page by report.sh: uses it as a reader would, and writes a line for each check. */
'use strict';
window.addEventListener('load', async () => {
    const lines = [];
    const check = (name, good) => lines.push(`${good ? 'ok' : 'not ok'} - ${name}`);
    const table = document.getElementById('claims'), head = [...table.tHead.rows[0].cells];
    const visible = () => [...table.tBodies[0].rows].filter(row => !row.hidden);
    const column = i => visible().map(row => row.cells[i].dataset.value ?? row.cells[i].textContent);
    const choose = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event('input', {bubbles: true}));
    };

    const images = [...document.images];
    for (const details of document.querySelectorAll('details')) details.open = true;
    await Promise.all(images.map(image => image.decode().catch(() => {})));
    check(`${images.length} figures, and every one loads`, images.length > 0 && images.every(image => image.naturalWidth > 0));
    check('every figure has a text for those who do not see it', images.every(image => image.alt));
    check('nothing is fetched', performance.getEntriesByType('resource').every(entry => entry.name.startsWith('data:')));

    head[3].firstElementChild.click();
    const numbers = column(3).map(Number);
    check('a column is sorted by its numbers', head[3].getAttribute('aria-sort') === 'ascending' &&
        numbers.length > 1 && numbers.every((x, i) => i === 0 || numbers[i - 1] <= x));
    head[3].firstElementChild.click();
    check('and the other way round', head[3].getAttribute('aria-sort') === 'descending' && Number(column(3)[0]) === Math.max(...numbers));
    head[0].firstElementChild.click();
    check('by one column at a time', head.filter(cell => cell.hasAttribute('aria-sort')).length === 1);

    const all = visible().length;
    choose('words', 'TABLE two');
    check('words are searched for', visible().length === 1 && visible()[0].textContent.includes('two'));
    check('and counted', document.getElementById('shown').textContent === `1 of ${all}`);
    choose('words', '');
    choose('verdict', 'not reproduced');
    check('verdicts are filtered', visible().length > 0 && visible().length < all && visible().every(row => row.textContent.includes('not reproduced')));
    choose('verdict', '');
    choose('experiment', 'one');
    check('experiments are filtered', visible().length > 0 && visible().every(row => row.cells[0].textContent === 'one'));
    choose('experiment', '');
    check('and all come back', visible().length === all);

    const links = [...document.querySelectorAll('a[href^="#"]')];
    check('every link within the page leads somewhere', links.length > 0 && links.every(a => document.getElementById(decodeURIComponent(a.hash.slice(1)))));
    const controls = [...document.querySelectorAll('a[href], button, input, select, summary')];
    check('everything can be reached by the keyboard', controls.every(control => {
        control.focus();
        return document.activeElement === control;
    }));
    check('and shows that it was', controls.every(control => {
        control.focus({focusVisible: true});
        return parseFloat(getComputedStyle(control).outlineWidth) >= 2;
    }));
    check('every field has a name', [...document.querySelectorAll('input, select')].every(field => field.labels.length === 1));

    /* contrast by WCAG 2.1, section 1.4.3 */
    const luminance = color => {
        const part = color.match(/[\d.]+/g).slice(0, 3).map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
        return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
    };
    const ground = element => {
        for (; element; element = element.parentElement) {
            const color = getComputedStyle(element).backgroundColor;
            if (!/, 0\)$/.test(color)) return color;
        }
        return 'rgb(255, 255, 255)';
    };
    let worst = 21;
    for (const element of document.body.querySelectorAll('*')) {
        if (![...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
        if (element.closest('script, style, math, option')) continue;
        const a = luminance(getComputedStyle(element).color), b = luminance(ground(element));
        worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    check(`text stands out from its ground (${worst.toFixed(1)} to 1)`, worst >= 4.5);
    check('nothing is wider than the window', document.documentElement.scrollWidth <= window.innerWidth);
    const output = document.createElement('pre');
    output.id = 'checks';
    output.textContent = `\n${lines.join('\n')}\n`;
    document.body.append(output);
});
