// ([selectors, headings, kept]) -> what buyers wrote is emptied: parts named by a selector, and what stands under a heading
// whose whole text matches `headings`. A part that holds words to be kept (what is suspected) or the page's title stays.
// A picture that stands there by itself is replaced by an empty place of its size. Gives what was emptied, the addresses of
// the pictures that only these parts showed (of one inside the page, 200 characters from its middle), what was left, where
// nobody could look, and the text that is left.
([selectors, headings, kept]) => {
  const emptied = [], left = [], taken = new Set();
  const PICTURES = 'img,source,video,canvas,picture,svg,image,object,embed,iframe,input[type="image"]';
  const within = part => [part, ...part.querySelectorAll('*')];
  const listed = text => (text || '').split(/,\s+/).map(each => each.trim().split(/\s+/)[0]);
  const addressesOf = element => [
    element.currentSrc, element.getAttribute('src'), element.getAttribute('poster'), element.getAttribute('data'),
    element.getAttribute('href'), ...listed(element.getAttribute('srcset')),
    ...[...getComputedStyle(element).backgroundImage.matchAll(/url\("((?:[^"\\]|\\.)*)"\)/g)].map(found => found[1]),
  ].filter(Boolean);
  const isPicture = element => element.matches(PICTURES) || getComputedStyle(element).backgroundImage.includes('url(');
  const picturesOf = part => within(part).filter(isPicture);
  const absolute = address => {
    if (address.startsWith('data:')) return 'data:' + address.slice(Math.max(5, address.length / 2 - 100), address.length / 2 + 100);
    try { return new URL(address, document.baseURI).href.split('#')[0]; } catch { return ''; }
  };
  const holds = part => part === document.body || part === document.documentElement || part.querySelector('h1')
    || kept.some(words => words && part.textContent.includes(words));
  const empty = (part, by) => {
    const shown = picturesOf(part);
    const characters = part.textContent.trim().length + shown.length;
    if (!characters) return;
    if (holds(part)) { left.push({ by, characters }); return; }
    const box = placed(part.getBoundingClientRect());
    for (const element of shown) for (const address of addressesOf(element)) taken.add(absolute(address));
    if (part.matches(PICTURES)) {
      const place = document.createElement('span');
      place.style.cssText = `display:inline-block;width:${box ? box[2] : 0}px;height:${box ? box[3] : 0}px`;
      part.replaceWith(place);
    } else {
      part.style.minHeight = `${part.offsetHeight}px`;
      part.style.setProperty('background', 'none', 'important');
      part.replaceChildren();
    }
    emptied.push({ by, characters, pictures: shown.length, box });
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
  const elsewhere = new Set(taken.size ? picturesOf(document.body).flatMap(addressesOf).map(absolute) : []);
  const pictures = [...taken].filter(address => address && !elsewhere.has(address));
  return { emptied, left, blind, pictures, text: walk().text };
}
