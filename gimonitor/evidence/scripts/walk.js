// The page's text as one string, its nodes in order; what stands in different blocks is parted by a line.
const BLOCK = /^(ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|BODY|BR|BUTTON|DD|DIV|DL|DT|FIGURE|FOOTER|FORM|H[1-6]|HEADER|LI|MAIN|NAV|OL|P|PRE|SECTION|TABLE|TD|TH|TR|UL)$/;
const blockOf = element => { while (element && !BLOCK.test(element.tagName)) element = element.parentElement; return element; };
const walk = () => {
  const nodes = [];
  let text = '', before = null;
  const roots = [document.body];
  for (const root of roots) {
    if (!root) continue;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node; (node = walker.nextNode());) {
      if (node.nodeType === 1) { if (node.shadowRoot) roots.push(node.shadowRoot); continue; }
      if (!node.data.trim() || /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(node.parentElement?.tagName)) continue;
      const block = blockOf(node.parentElement);
      if (block !== before && text) text += '\n';
      before = block;
      nodes.push([text.length, node]);
      text += node.data;
    }
  }
  return { nodes, text };
};
const placed = box => (box.width && box.height ? [box.x + scrollX, box.y + scrollY, box.width, box.height] : null);
