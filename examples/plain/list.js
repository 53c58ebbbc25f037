import { formatItem } from './format.js';

export function startList(list, text, add) {
    add.addEventListener('click', () => {
        const item = document.createElement('li');
        item.textContent = formatItem(text.value, list.children.length + 1);
        list.append(item);
        text.value = '';
        text.focus();
    });
}
