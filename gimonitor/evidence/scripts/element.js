// What is cut out of a page around words: the element they stand in with whatever shares its line (a title, a row of a table
// with its label), of a long text the lines around them; with a margin that cuts through no word beside it.
const MARGIN = 24, ROW = 96, HIGHEST = 320, NEAR = 60, CARD = 600;
const lined = element => /^(inline|contents)/.test(getComputedStyle(element).display);
const tall = element => element.getBoundingClientRect().height;
const elementsAt = node => {
  let element = node.nodeType === 1 ? node : node.parentElement;
  while (element !== document.body && lined(element)) element = element.parentElement;
  element = element.closest('tr') ?? element;
  while (element !== document.body && element.parentElement !== document.body
    && tall(element.parentElement) <= Math.max(tall(element) * 1.6, ROW)) element = element.parentElement;
  const labels = [];
  if (element.tagName === 'DD') {
    let label = element;
    while (label && label.tagName === 'DD') label = label.previousElementSibling;
    if (label?.tagName === 'DT') labels.push(label);
  }
  return [...labels, element];
};
const linesOf = node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return [...range.getClientRects()].filter(line => line.width && line.height);
};
const around = lines => [
  Math.min(...lines.map(line => line.left)), Math.min(...lines.map(line => line.top)),
  Math.max(...lines.map(line => line.right)), Math.max(...lines.map(line => line.bottom)),
];
// (core, lines of other texts) -> the core with its margin, drawn in where another text begins
const margined = (core, others) => {
  const area = [core[0] - MARGIN, core[1] - MARGIN, core[2] + MARGIN, core[3] + MARGIN];
  for (const line of others) {
    if (line.left >= area[2] || line.right <= area[0] || line.top >= area[3] || line.bottom <= area[1]) continue;
    const middle = (line.top + line.bottom) / 2;
    if (middle >= core[3]) area[3] = Math.max(core[3], Math.min(area[3], line.top));
    else if (middle <= core[1]) area[1] = Math.min(core[1], Math.max(area[1], line.bottom));
    else if (line.left >= core[2]) area[2] = Math.min(area[2], line.left);
    else if (line.right <= core[0]) area[0] = Math.max(area[0], line.right);
  }
  return area;
};
// (where the words stand, their node, the text nodes around it) -> the box to be cut out, in the window's dots
const areaOf = (words, node, nodes) => {
  const elements = elementsAt(node);
  const inside = nodes.filter(each => elements.some(element => element.contains(each)));
  let lines = inside.flatMap(linesOf);
  const others = nodes.filter(each => !inside.includes(each)).flatMap(linesOf);
  const whole = around([words, ...lines]);
  if (whole[3] - whole[1] > HIGHEST) {
    const isNear = line => line.bottom > words.top - NEAR && line.top < words.bottom + NEAR;
    others.push(...lines.filter(line => !isNear(line)));
    lines = lines.filter(isNear);
  }
  return margined(around([words, ...lines]), others);
};
// (link to an offer, whether an element also holds others) -> the largest element about this offer alone that is no page
const cardOf = (link, holdsOthers) => {
  let card = link;
  while (card.parentElement && card.parentElement !== document.body && !holdsOthers(card.parentElement)
    && tall(card.parentElement) <= CARD) card = card.parentElement;
  return card;
};
