// ([crops, item]) -> what the page shows: its size, its title, its visible text, the boxes to be cut out for the texts asked
// for and, last, for the link to the item; the item's rank among links of the same shape.
([crops, item]) => {
  const root = document.documentElement;
  const body = document.body;
  const boxOf = ([left, top, right, bottom]) => [left + scrollX, top + scrollY, right - left, bottom - top];
  const nodes = [];
  let text = '';
  if (body && (crops.length || item)) {
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      if (!node.parentElement || /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(node.parentElement.tagName)) continue;
      nodes.push([text.length, node]);
      text += node.data;
    }
  }
  const at = offset => {
    let low = 0;
    for (let high = nodes.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (nodes[middle][0] <= offset) low = middle; else high = middle;
    }
    return [nodes[low][1], offset - nodes[low][0], low];
  };
  const near = place => nodes.slice(Math.max(0, place - 150), place + 150).map(([, node]) => node).filter(n => n.data.trim());
  const placeOf = words => {
    for (let from = 0, hit; words && (hit = text.indexOf(words, from)) >= 0; from = hit + 1) {
      const range = document.createRange();
      const [first, start, place] = at(hit);
      const [last, offset] = at(hit + words.length - 1);
      range.setStart(first, start);
      range.setEnd(last, offset + 1);
      const box = range.getBoundingClientRect();
      if (box.width && box.height) return boxOf(areaOf(box, range.commonAncestorContainer, near(place)));
    }
    return null;
  };
  const boxes = crops.map(placeOf);
  let rank = null, ranked = 0;
  if (item) {
    const id = item.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const links = [...document.links].map(link => [link, link.href]);
    const own = links.find(([, href]) => new RegExp(`(^|[^\\w-])${id}($|[^\\w-])`).test(href));
    if (own) {
      const [before] = own[1].split(item);
      const idOf = href => (href.startsWith(before) ? href.slice(before.length).match(/^[\w-]+/)?.[0] : null);
      const offers = [...new Set(links.map(([, href]) => idOf(href)).filter(Boolean))];
      ranked = offers.length;
      rank = offers.indexOf(item) + 1 || null;
      const card = cardOf(own[0], element => [...element.querySelectorAll('a[href]')].some(
        link => idOf(link.href) && idOf(link.href) !== idOf(own[1])));
      const box = card.getBoundingClientRect();
      const place = nodes.findIndex(([, node]) => card.contains(node));
      const others = near(place).filter(node => !card.contains(node)).flatMap(linesOf);
      boxes.push(box.width && box.height ? boxOf(margined([box.left, box.top, box.right, box.bottom], others)) : null);
    } else boxes.push(null);
  }
  const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) : '';
  return {
    html: type + root.outerHTML, height: root.scrollHeight, title: document.title,
    text: body ? body.innerText.trim().slice(0, 400000) : '', boxes, rank, ranked,
  };
}
