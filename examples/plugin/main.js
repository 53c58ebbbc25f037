import lines from './spring.txt';

document.body.replaceChildren(...lines.map((line) => {
    const paragraph = document.createElement('p');
    paragraph.textContent = line;
    return paragraph;
}));

import.meta.hot?.accept();
