/** What `/docs` can do beside being read: filter its routes and copy its examples. */
export const DOCS_SCRIPT = `
const filter = document.getElementById('filter');
filter.hidden = false;
filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const entry of document.querySelectorAll('[data-text]')) {
    entry.hidden = !words.every((word) => entry.dataset.text.includes(word));
  }
  for (const group of document.querySelectorAll('[data-group]')) {
    group.hidden = group.querySelector('[data-text]:not([hidden])') === null;
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  filter.focus();
});
for (const figure of document.querySelectorAll('figure[data-copy]')) {
  if (navigator.clipboard === undefined) break;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(figure.querySelector('pre').textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  figure.querySelector('figcaption').append(button);
}
`;
