// What axe-core does not see, asked of the page that this is evaluated in. Each check returns the
// sentences of what is wrong.

'use strict';

globalThis.counterfoil = (() => {
  const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const name = (element) => {
    const text = (element.innerText || element.value || element.name || '').trim();
    return `<${element.localName}> “${text.slice(0, 40).replace(/\s+/g, ' ')}”`;
  };
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const controls = () => [...document.querySelectorAll(CONTROLS)].filter(isShown);
  const box = (element) => {
    const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
    return { top, left, bottom, right, width, height };
  };
  // A link that stands for its place only when it has the focus is not there for a finger.
  const isInView = ({ bottom, right }) => bottom + scrollY > 0 && right > 0;

  // One question, one heading, one name of the page's own.
  function shape() {
    const found = [];
    const headings = [...document.querySelectorAll('h1')].filter(isShown);
    if (headings.length !== 1) found.push(`there are ${headings.length} h1`);
    if (!document.title.trim()) found.push('the page has no title');
    if (!document.documentElement.lang) found.push('the page does not say its language');
    const primary = [
      ...document.querySelectorAll('main .button.primary, main .button.danger'),
    ].filter(isShown);
    if (primary.length > 1) found.push(`there are ${primary.length} primary buttons`);
    // What is wrong with a form stands before the heading, as a part of the page.
    let level = 1;
    for (const heading of document.querySelectorAll('main :is(h1, h2, h3, h4)')) {
      const next = Number(heading.localName[1]);
      if (next > level + 1) found.push(`${name(heading)} skips a level`);
      level = next;
    }
    const scripts = document.querySelectorAll('[onclick], [onpaste], [onsubmit], [style]');
    for (const element of scripts) found.push(`${name(element)} has code or style of its own`);
    return found;
  }

  // Fields that browsers and password managers can fill, and people can paste into.
  function fields() {
    const found = [];
    const want = (element, expected) => {
      const says = element.autocomplete.split(' ');
      if (!expected.some((purpose) => says.includes(purpose))) {
        found.push(`${name(element)} ${element.name} has autocomplete “${element.autocomplete}”`);
      }
    };
    for (const field of document.querySelectorAll('input, textarea, select')) {
      if (!isShown(field)) continue;
      if (!field.labels.length && !field.ariaLabel && !field.getAttribute('aria-labelledby')) {
        found.push(`${field.name} has no label`);
      }
      if (field.type === 'password') want(field, ['current-password', 'new-password']);
      if (field.name === 'login') want(field, ['username']);
      if (field.inputMode === 'numeric') want(field, ['one-time-code']);
      if (field.placeholder) found.push(`${field.name} has a text in place of a label`);
      const paste = new ClipboardEvent('paste', { cancelable: true, bubbles: true });
      field.dispatchEvent(paste);
      if (paste.defaultPrevented) found.push(`${field.name} refuses to be pasted into`);
    }
    return found;
  }

  // Buttons and fields are large enough for a finger. That links are, or stand apart, axe-core
  // sees.
  function targets() {
    const found = [];
    for (const element of controls()) {
      const area = box(element);
      if (!isInView(area) || getComputedStyle(element).display === 'inline') continue;
      // A button may stand in a line of text as a link does.
      let least = element.matches('a, summary, .link') ? 24 : 36;
      if (element.type === 'checkbox' || element.type === 'radio') {
        // Its label is hit as well.
        least = 24;
        for (const label of element.labels) {
          const other = box(label);
          area.height = Math.max(area.height, other.height);
          area.width += other.width;
        }
      }
      if (area.height < least - 0.5 || area.width < 24 - 0.5) {
        const size = `${area.width.toFixed(1)} by ${area.height.toFixed(1)}`;
        found.push(`${name(element)} is ${size}, less than ${least}`);
      }
    }
    return found;
  }

  // Nothing reaches beyond the window to the side.
  function reflow() {
    const width = document.documentElement.clientWidth;
    const wide = document.documentElement.scrollWidth;
    if (wide <= width) return [];
    const beyond = [...document.querySelectorAll('body *')].filter(
      (element) => isShown(element) && box(element).right > width + 1,
    );
    return [`the page is ${wide} wide in ${width}: ${beyond.slice(0, 5).map(name).join(', ')}`];
  }

  // Everything is still there when its text is twice as large (WCAG 1.4.4).
  function large() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('html { font-size: 200% !important }');
    document.adoptedStyleSheets.push(sheet);
    const found = reflow();
    document.adoptedStyleSheets.pop();
    return found;
  }

  // Text that a reader spaces out is still whole (WCAG 1.4.12).
  function spacing() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
      word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets.push(sheet);
    const found = reflow();
    for (const element of document.querySelectorAll('body *')) {
      const { overflowX, overflowY } = getComputedStyle(element);
      const clips = (overflow) => overflow === 'hidden' || overflow === 'clip';
      // A field is scrolled by whoever types in it.
      if (!isShown(element) || box(element).width <= 1 || element.localName === 'input') continue;
      const cut =
        (clips(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
        (clips(overflowY) && element.scrollHeight > element.clientHeight + 1);
      if (cut) found.push(`${name(element)} is cut when its text is spaced out`);
    }
    document.adoptedStyleSheets.pop();
    return found;
  }

  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = numbers(colour).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const isSeen = (colour) => colour.startsWith('rgb(') || (numbers(colour)[3] ?? 1) > 0;
  // The colour that an element stands on.
  const ground = (element) => {
    for (let around = element; around; around = around.parentElement) {
      const { backgroundColor } = getComputedStyle(around);
      if (backgroundColor.startsWith('rgb(')) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const isBordered = (element) => {
    const style = getComputedStyle(element);
    const sides = ['Top', 'Right', 'Bottom', 'Left'].map((side) =>
      style[`border${side}Style`] === 'none' ? 0 : parseFloat(style[`border${side}Width`]),
    );
    return style.outlineStyle !== 'none' || sides.some((width) => width >= 1);
  };

  // Remembers what is a part of its own by its ground alone.
  function beforeForced() {
    for (const element of document.querySelectorAll('body *')) {
      const own = getComputedStyle(element).backgroundColor;
      const differs = isSeen(own) && own !== ground(element.parentElement);
      if (differs && isShown(element)) element.dataset.part = '';
    }
    return [];
  }

  // Where the system chooses the colours there are no grounds and no shadows.
  function forced() {
    const found = [];
    for (const element of document.querySelectorAll('[data-part]')) {
      if (!isBordered(element)) found.push(`${name(element)} has no border in forced colours`);
    }
    for (const element of document.querySelectorAll('a[aria-current]')) {
      if (isShown(element) && !isBordered(element)) {
        found.push(`that ${name(element)} is current does not show in forced colours`);
      }
    }
    const width = (button) => parseFloat(getComputedStyle(button).borderTopWidth);
    const buttons = [...document.querySelectorAll('main .button')].filter(isShown);
    const isMain = (button) => button.matches('.primary, .danger');
    const thickest = Math.max(0, ...buttons.filter((button) => !isMain(button)).map(width));
    for (const button of buttons.filter(isMain)) {
      if (width(button) <= thickest) found.push(`${name(button)} is as any other in forced colours`);
    }
    // What a camera reads keeps its colours.
    for (const picture of document.querySelectorAll('svg[role=img]')) {
      if (getComputedStyle(picture).forcedColorAdjust !== 'none') {
        found.push('a picture loses its colours in forced colours');
      }
    }
    return found;
  }

  // On paper nothing can be pressed, all is dark on white, and nothing is cut.
  function printed() {
    const found = reflow();
    for (const element of document.querySelectorAll('nav, button, .button, .skip, footer')) {
      if (isShown(element)) found.push(`${name(element)} is printed`);
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const around = new Set();
    while (texts.nextNode()) {
      if (texts.currentNode.data.trim()) around.add(texts.currentNode.parentElement);
    }
    for (const element of around) {
      if (!isShown(element)) continue;
      const on = ground(element);
      if (luminance(on) < 0.7) found.push(`${name(element)} is printed on a dark ground`);
      if (contrast(getComputedStyle(element).color, on) < 4.5) {
        found.push(`${name(element)} is printed too light`);
      }
    }
    for (const element of document.querySelectorAll('textarea')) {
      const cut = element.scrollHeight > element.clientHeight + 1;
      if (isShown(element) && cut) found.push(`${name(element)} is printed in part`);
    }
    return found;
  }

  // Where the Tab key led so far, until it led nowhere new.
  let stops = [];
  let presses = 0;
  let hasLeft = false;
  // No page takes more.
  const MOST_PRESSES = 400;

  // A key comes up where it led to, when that is in view.
  function noteStop({ key }) {
    if (key !== 'Tab' || hasLeft) return;
    const stop = focused();
    presses += 1;
    // It leaves the page, or begins anew.
    const isFirst = stops.length > 0 && stop?.stop === stops[0].stop;
    hasLeft = !stop || isFirst || presses > MOST_PRESSES;
    // A field of several parts, such as a date, shows in which it is by itself.
    if (!hasLeft && stop.stop !== stops.at(-1)?.stop) stops.push(stop);
  }

  // How often the key is to be pressed before it is asked again.
  const tabsLeft = () => (hasLeft ? 0 : 10);

  // How often the key is to be pressed at first: once for each stop, and once to leave.
  function beforeTabs() {
    stops = [];
    presses = 0;
    hasLeft = false;
    document.addEventListener('keyup', noteStop, true);
    if (document.activeElement) document.activeElement.blur();
    scrollTo(0, 0);
    getSelection().removeAllRanges();
    // The order starts at the top again.
    document.documentElement.tabIndex = -1;
    document.documentElement.focus({ preventScroll: true });
    document.documentElement.removeAttribute('tabindex');
    const all = controls();
    for (const [number, element] of all.entries()) element.dataset.stop = number;
    return all.length + 1;
  }

  // Where the focus is and how it shows, or nothing when it has left the page.
  function focused() {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const area = box(element);
    const style = getComputedStyle(element);
    // The first line of what goes over several.
    const line = element.getClientRects()[0];
    const within = (middle, end) => Math.min(Math.max(middle, 0), end - 1);
    const top = document.elementFromPoint(
      within(line.left + line.width / 2, innerWidth),
      within(line.top + line.height / 2, innerHeight),
    );
    const labels = [...(element.labels ?? [])];
    const isOwn = top && (element.contains(top) || labels.some((label) => label.contains(top)));
    return {
      name: name(element),
      stop: element.dataset.stop ?? null,
      group: element.type === 'radio' ? element.name : null,
      outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
      contrast: contrast(style.outlineColor, ground(element.parentElement)),
      inView: area.top >= -1 && area.bottom <= innerHeight + 1 && area.left >= -1 && area.right <= innerWidth + 1,
      // Of a text of many lines the browser brings that of the caret into view.
      tall: area.height > innerHeight || (element.localName === 'textarea' && area.top < innerHeight && area.bottom > 0),
      covered: !isOwn,
      // In the page, not in the window, which scrolls on the way.
      top: area.top + scrollY,
      bottom: area.bottom + scrollY,
      left: area.left,
      right: area.right,
    };
  }

  // The focus shows, goes everywhere once, and goes as the page is read: down a column, then to
  // the next one.
  function judgeTabs() {
    document.removeEventListener('keyup', noteStop, true);
    const found = [];
    const reached = new Set();
    let before = null;
    for (const stop of stops) {
      if (reached.has(stop.stop)) found.push(`${stop.name} was reached twice`);
      reached.add(stop.stop);
      if (stop.outline < 2 || stop.contrast < 3) {
        found.push(`the focus on ${stop.name} does not show`);
      }
      if (!stop.inView && !stop.tall) found.push(`the focus on ${stop.name} is out of view`);
      if (stop.covered) found.push(`${stop.name} is covered when it has the focus`);
      const above = before && stop.bottom <= before.top + 1;
      const nextColumn = before && stop.left >= before.right - 1;
      if (above && !nextColumn) found.push(`after ${before.name} the focus goes up to ${stop.name}`);
      before = stop;
    }
    const groups = new Set(stops.map((stop) => stop.group).filter(Boolean));
    for (const element of controls()) {
      const isOfGroup = element.type === 'radio' && groups.has(element.name);
      if (element.disabled || isOfGroup || element.tabIndex < 0) continue;
      if (!reached.has(element.dataset.stop)) found.push(`${name(element)} is not reached`);
    }
    if (stops.length === 0) found.push('nothing is reached');
    return found;
  }

  return {
    shape, fields, targets, reflow, large, spacing, beforeForced, forced, printed, beforeTabs,
    tabsLeft, judgeTabs,
  };
})();
