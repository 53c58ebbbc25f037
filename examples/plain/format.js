export function formatItem(text, number) {
    return `${number}. ${text.trim() || 'something'}`;
}
