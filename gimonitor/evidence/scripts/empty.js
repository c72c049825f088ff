// ([selectors, headings, kept]) -> what buyers wrote is emptied: parts named by a selector, and what stands under a heading
// whose whole text matches `headings`. A part that holds words to be kept (what is suspected) or the page's title stays.
// Gives what was emptied, what was left, where nobody could look, and the text that is left.
([selectors, headings, kept]) => {
  const emptied = [], left = [];
  const holds = part => part === document.body || part === document.documentElement || part.querySelector('h1')
    || kept.some(words => words && part.textContent.includes(words));
  const empty = (part, by) => {
    const characters = part.textContent.trim().length + part.querySelectorAll('img,video,canvas').length;
    if (!characters) return;
    if (holds(part)) { left.push({ by, characters }); return; }
    const box = placed(part.getBoundingClientRect());
    part.style.minHeight = `${part.offsetHeight}px`;
    part.replaceChildren();
    emptied.push({ by, characters, box });
  };
  for (const selector of selectors) {
    for (const part of document.querySelectorAll(selector)) if (part.isConnected) empty(part, selector);
  }
  const wanted = new RegExp(`^\\s*(?:${headings})\\s*$`);
  for (const heading of document.querySelectorAll('h2,h3,h4,h5,h6,dt,legend,summary,caption,th')) {
    if (!heading.isConnected || !wanted.test(heading.textContent)) continue;
    for (let next = heading.nextElementSibling, more; next && next.tagName !== heading.tagName; next = more) {
      more = next.nextElementSibling;
      empty(next, `under “${heading.textContent.trim()}”`);
    }
  }
  const count = query => document.querySelectorAll(query).length;
  const blind = { frames: count('iframe,frame,object,embed'), canvases: count('canvas') };
  return { emptied, left, blind, text: walk().text };
}
