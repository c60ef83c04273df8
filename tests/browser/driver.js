// Drives one Chromium. Each line on standard input is a call as JSON, with a number that its answer
// carries on standard output; calls about different windows run beside each other.

'use strict';

const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { chromium } = require('playwright-core');

// What is not there by then does not come.
const PATIENCE = 15000;

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const own = readFileSync(`${__dirname}/checks.js`, 'utf8');

const settings = JSON.parse(process.argv[2]);
const launched = chromium.launch({
  executablePath: settings.chromium,
  // The sandbox wants rights that a test need not have; the pages are our own. Without a GPU
  // process and with one kind of smoothing pictures are alike on every machine.
  args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--disable-lcd-text'],
});
const windows = new Map();

// A browser window with cookies of its own, and what it has seen.
class Window {
  static async open(look) {
    const browser = await launched;
    const context = await browser.newContext({
      viewport: { width: look.width, height: look.height },
      locale: look.language,
      userAgent: look.agent ?? undefined,
      colorScheme: look.scheme,
      timezoneId: 'UTC',
      javaScriptEnabled: look.scripts,
      reducedMotion: look.reduced_motion ? 'reduce' : 'no-preference',
    });
    context.setDefaultTimeout(PATIENCE);
    return new Window(context, await context.newPage(), look);
  }

  constructor(context, page, { scheme, width }) {
    this.context = context;
    this.seen = { scheme, width };
    this.page = page;
    this.faults = [];
    this.holds = new Set();
    // What of ours is in the document that the page shows.
    page.on('domcontentloaded', () => { this.holds = new Set(); });
    page.on('response', (response) => {
      const request = response.request();
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
        const redirects = response.status() >= 300 && response.status() < 400;
        if (!redirects) this.document = { response, body: response.text().catch(() => '') };
      } else if (response.status() >= 400) {
        this.faults.push(`${response.status()} for ${response.url()}`);
      }
    });
    page.on('pageerror', (error) => this.faults.push(`a script failed: ${error}`));
    page.on('console', (message) => {
      // The browser says so of each document that is refused, as some are on purpose.
      const refused = message.text().startsWith('Failed to load resource: the server responded');
      if (message.type() === 'error' && !refused) this.faults.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith('http') && this.origin && origin !== this.origin) {
        this.faults.push(`another site was asked: ${request.url()}`);
      }
    });
  }

  // What the person means by a word on the page: first what has just this name, then what has a
  // longer one.
  async named(exact, loose) {
    await exact.or(loose).first().waitFor();
    return (await exact.count()) > 0 ? exact : loose;
  }

  field(label) {
    const page = this.page;
    return this.named(page.getByLabel(label, { exact: true }), page.getByLabel(label));
  }

  control(name) {
    const find = (options) =>
      this.page.getByRole('button', options).or(this.page.getByRole('link', options));
    return this.named(find({ name, exact: true }), find({ name }));
  }

  // Does what leads to another page, and waits for that.
  async lead(act) {
    await Promise.all([this.page.waitForEvent('load'), act()]);
  }

  // Has the document hold a script of ours; once is enough.
  async hold(script) {
    if (this.holds.has(script)) return;
    await this.page.evaluate(script);
    this.holds.add(script);
  }

  async evaluate(code, argument) {
    return this.page.evaluate(`(${code})(${JSON.stringify(argument ?? null)})`);
  }
}

const calls = {
  // What a page asks for by itself comes from the site that the person went to last.
  async go(window, { url }) {
    window.origin = new URL(url).origin;
    await window.page.goto(url);
  },
  async back({ page }) {
    await page.goBack();
  },
  async reload({ page }) {
    await page.reload();
  },
  async fill(window, { label, text }) {
    await (await window.field(label)).fill(text);
  },
  async fill_named({ page }, { name, text }) {
    await page.locator(`main [name="${name}"]`).fill(text);
  },
  async tick(window, { label }) {
    await (await window.field(label)).check();
  },
  async tick_named({ page }, { name, value }) {
    await page.locator(`main [name="${name}"][value="${value}"]`).check();
  },
  async unfold({ page }, { summary }) {
    await page.locator('summary', { hasText: summary }).first().click();
  },
  async set_hidden({ page }, { name, value }) {
    const fields = page.locator(`main [name="${name}"]`);
    await fields.first().evaluate((field, to) => { field.value = to; }, value);
  },
  async focus(window, { label }) {
    await (await window.field(label)).focus();
  },
  async tab_to(window, { words }) {
    const { page } = window;
    const target = page.getByLabel(words, { exact: true })
      .or(page.getByRole('button', { name: words, exact: true }))
      .or(page.getByRole('link', { name: words, exact: true }))
      .or(page.getByRole('radio', { name: words }))
      .or(page.locator('summary', { hasText: words }));
    for (let stops = 0; stops < 200; stops += 1) {
      const candidates = await target.all();
      for (const candidate of candidates) {
        if (await candidate.evaluate((element) => element === document.activeElement)) return;
      }
      await page.keyboard.press('Tab');
    }
    throw new Error(`the Tab key does not lead to ${words}`);
  },
  async untick(window, { label }) {
    await (await window.field(label)).uncheck();
  },
  async choose(window, { label, option }) {
    await (await window.field(label)).selectOption(option);
  },
  async value(window, { label }) {
    return (await window.field(label)).inputValue();
  },
  // A button or a link that leads on.
  async press(window, { name }) {
    const control = await window.control(name);
    await window.lead(() => control.click());
  },
  // A button that is pressed again before the answer to the first time is there: the server has
  // acted by then, and the browser sees nothing of that answer, not even its cookies.
  async press_twice(window, { name }) {
    const { context } = window;
    const control = await window.control(name);
    const { action, fields } = await control.evaluate((button) => ({
      action: button.form.action,
      fields: [...new FormData(button.form, button)],
    }));
    const cookies = await context.cookies();
    await context.request.post(action, {
      data: new URLSearchParams(fields).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(action).origin,
        'sec-fetch-site': 'same-origin',
      },
      maxRedirects: 0,
    });
    await context.clearCookies();
    await context.addCookies(cookies);
    await window.lead(() => control.click());
  },
  // A button that is pressed again while what it sent is on its way: how often the browser sent it.
  async press_again(window, { name }) {
    const { page } = window;
    const control = await window.control(name);
    await control.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await control.boundingBox();
    const click = () => page.mouse.click(x + width / 2, y + height / 2);
    let sent = 0;
    const hold = async (route) => {
      if (route.request().method() === 'POST') {
        sent += 1;
        if (sent === 1) await click();
      }
      // One that the browser has dropped cannot go on.
      await route.continue().catch(() => {});
    };
    await page.route('**', hold);
    await window.lead(click);
    await page.unroute('**', hold);
    return sent;
  },
  // One that leads nowhere.
  async click(window, { name }) {
    await (await window.control(name)).click();
  },
  async press_selected(window, { selector }) {
    await window.lead(() => window.page.locator(selector).first().click());
  },
  async key({ page }, { key }) {
    await page.keyboard.press(key);
  },
  async key_leads_on(window, { key }) {
    await window.lead(() => window.page.keyboard.press(key));
  },
  async write({ page }, { text }) {
    await page.keyboard.insertText(text);
  },
  async look(window, { scheme, width, height }) {
    const { page, seen } = window;
    if (scheme !== seen.scheme) await page.emulateMedia({ colorScheme: scheme });
    if (width !== seen.width) await page.setViewportSize({ width, height });
    window.seen = { scheme, width };
  },
  // The page as it is printed, or as it shows where the system chooses the colours.
  async medium({ page }, { medium }) {
    await page.emulateMedia({
      media: medium === 'print' ? 'print' : 'screen',
      forcedColors: medium === 'forced colours' ? 'active' : 'none',
    });
  },
  async text({ page }) {
    return page.locator('body').innerText();
  },
  async state(window) {
    const { page, document } = window;
    return {
      url: page.url(),
      title: await page.title(),
      method: document?.response.request().method() ?? '',
      // What came from no server was answered with nothing.
      status: document?.response.status() ?? 0,
      headers: (await document?.response.allHeaders()) ?? {},
    };
  },
  async html({ document }) {
    return document?.body ?? '';
  },
  async cookies({ context }) {
    return context.cookies();
  },
  async forget_cookies({ context }) {
    await context.clearCookies();
  },
  async evaluate(window, { code, argument }) {
    return window.evaluate(code, argument);
  },
  // What is not there yet, as behind a page that leads on by itself.
  async wait_for({ page }, { selector }) {
    await page.locator(selector).first().waitFor();
  },
  // A device that keeps passkeys and recognises whoever uses it, as a laptop does.
  async add_authenticator(window) {
    const device = await window.context.newCDPSession(window.page);
    await device.send('WebAuthn.enable', { enableUI: false });
    await device.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  },
  async faults(window) {
    return window.faults.splice(0);
  },
  // What axe-core says is serious or worse. Contrast is looked at without movement under way.
  async axe(window, { rules }) {
    await window.hold(axe);
    const options = rules.length > 0
      ? { runOnly: rules }
      : { rules: { 'target-size': { enabled: true } } };
    options.resultTypes = ['violations'];
    const { violations } = await window.page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, help, nodes }) =>
        nodes.map((node) => `${id} (${help}): ${node.html} ${node.failureSummary}`),
      );
  },
  async own(window, { checks }) {
    await window.hold(own);
    return window.evaluate('(names) => names.map((name) => counterfoil[name]())', checks);
  },
  // Goes through the page by the Tab key alone and says where that led. The page notes each stop by
  // itself, so that keys need not wait for what is asked of it.
  async tabs(window) {
    const { page } = window;
    await window.hold(own);
    const keys = await window.context.newCDPSession(page);
    const tab = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
    let left = await page.evaluate('counterfoil.beforeTabs()');
    while (left > 0) {
      const pressed = [];
      for (; left > 0; left -= 1) {
        pressed.push(keys.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...tab }));
        pressed.push(keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...tab }));
      }
      await Promise.all(pressed);
      left = await page.evaluate('counterfoil.tabsLeft()');
    }
    await keys.detach();
    // The keys have left the page, as far as it knows. Whoever goes on is there again.
    await page.evaluate('focus()');
    return page.evaluate('counterfoil.judgeTabs()');
  },
  // How many sheets of paper the page takes.
  async sheets({ page }) {
    const pdf = await page.pdf({ format: 'A4' });
    return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  },
  async picture({ page }, { file, full }) {
    await page.screenshot({ path: file, fullPage: full, animations: 'disabled', caret: 'hide' });
  },
  async close({ context }) {
    await context.close();
  },
};

async function answer({ window: number, call, ...rest }) {
  if (call === 'open') {
    windows.set(number, await Window.open(rest.look));
    return null;
  }
  const value = await calls[call](windows.get(number), rest);
  if (call === 'close') windows.delete(number);
  return value ?? null;
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const call = JSON.parse(line);
    answer(call)
      .then((value) => ({ id: call.id, value }))
      .catch((error) => ({ id: call.id, error: String(error) }))
      .then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
  })
  .on('close', async () => {
    await (await launched).close();
    process.exit(0);
  });
