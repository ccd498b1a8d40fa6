// The board in a browser, on logs of ours, of PyTorch's and of no good will. Without Chromium it is skipped.
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Tudui } from '../../examples/tudui.js';
import { type Board, serveBoard } from '../../lib/board/server.js';
import { ones, tensor } from '../../lib/index.js';
import { SummaryWriter } from '../../lib/tensorboard/index.js';
import { bytesOf, scalar, writeEvents } from './files.js';

const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
const args =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const reference = join(__dirname, '../../../shared/reference/add-graph.tfevents');
const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
if (executablePath === undefined)
  console.warn('no Chromium is found (or named by $CHROMIUM): the board is not looked at');

(executablePath === undefined ? describe.skip : describe)('the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cresset-browser-'));
  const ours = join(folder, 'ours');
  let writer: SummaryWriter;
  let board: Board;
  let browser: Browser;
  let page: Page;
  // What the browser complains of: errors of scripts, what the policy refused, requests that went elsewhere.
  const complaints: string[] = [];

  beforeAll(async () => {
    const launching = chromium.launch({ executablePath: executablePath!, args: args.split(' ') });
    writer = new SummaryWriter(ours);
    for (let step = 0; step < 20; step++) writer.addScalar('loss/train', 1 / (step + 1), step);
    writer.addScalar('broken', Number.NaN, 0);
    writer.addScalar('broken', 2, 1);
    for (const step of [0, 5]) {
      writer.addHistogram('weight', tensor([-1, 0, 0.5, 1]).mul(step + 1), step);
      writer.addImage('picture', ones([3, 4, 6]).mul(step / 5), step);
      const predictions = tensor([0.1, 0.4, 0.8, 0.6]).mul(step / 10 + 0.5);
      writer.addPrCurve('pr/third', tensor([0, 1, 1, 0]), predictions, step, { numThresholds: 5 });
    }
    writer.addText('note', `A **bold** ${evil}`, 0);
    writer.addGraph(new Tudui(), ones([2, 3, 32, 32]));
    writer.addHparams({ lr: 0.1, optimizer: 'sgd' }, { 'hparam/accuracy': 0.5 }, { runName: 'trial-1' });
    writer.addHparams({ lr: 0.01, optimizer: 'adam' }, { 'hparam/accuracy': 0.75 }, { runName: 'trial-2' });
    await writer.flush();
    cpSync(join(__dirname, '../golden/board'), join(folder, 'pytorch'), { recursive: true });
    if (existsSync(reference)) {
      mkdirSync(join(folder, 'reference'));
      copyFileSync(reference, join(folder, 'reference/events.out.tfevents.1'));
    }
    const damaged = bytesOf(scalar(evil, 0, 3), scalar(evil, 1, 4));
    damaged[damaged.length - 5]! ^= 1;
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>document.title=1</script></svg>');
    writeEvents(join(folder, evil.replaceAll('/', '_'), 'events.out.tfevents.1'), damaged);
    writeEvents(
      join(folder, 'hostile/events.out.tfevents.1'),
      bytesOf({ summary: { value: [{ tag: evil, image: { png: svg } }] } }, scalar('cut', 0, 1)).subarray(0, -3),
    );
    const huge = openSync(join(folder, 'hostile/events.out.tfevents.2'), 'w');
    ftruncateSync(huge, 2 ** 31);
    closeSync(huge);
    browser = await launching;
    // After it, as a board that is slow to look at its files looks less often.
    board = await serveBoard(folder, { page: join(__dirname, '../../dist/board/page'), port: 0, interval: 50 });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(board.url) && !request.url().startsWith('data:')) complaints.push(request.url());
    });
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    page.setDefaultTimeout(20_000);
    await page.goto(board.url);
    await page.locator('.status', { hasText: 'live' }).waitFor();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await board?.close();
    await writer?.close();
    rmSync(folder, { recursive: true });
  });

  const open = (tab: string) => page.getByRole('tab', { name: tab }).click();
  const chart = (tag: string) => page.getByRole('img', { name: `${tag}: ` });
  const inkOf = (tag: string): Promise<number> =>
    chart(tag)
      .locator('canvas')
      .evaluate((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let coloured = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3]! > 100 && Math.abs(data[i]! - data[i + 2]!) > 60) coloured++;
        return coloured;
      });

  test('scalars of several runs: their points, drawn', async () => {
    await page.locator('figcaption[title="loss/train"]').scrollIntoViewIfNeeded();
    await chart('loss/train').waitFor();
    expect(await chart('loss/train').getAttribute('aria-label')).toMatch(
      /^loss\/train: 2 runs, 30 points, step 0 to step 19\./,
    );
    expect(await inkOf('loss/train')).toBeGreaterThan(300);
    const card = page.locator('figure', { has: chart('loss/train') });
    await card.getByText('Values').click();
    const rows = await card.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/).filter(Boolean).toSpliced(2, 1).slice(0, 6))).toEqual([
      ['ours', '0.05', '0.05', '1', '19', '20'],
      ['pytorch/first', '0.1', '0.1', '1', '9', '10'],
    ]);
    await expect(page.getByText('ours: 1 value NaN or infinite, the first at step 0').isVisible()).resolves.toBe(true);
  });

  test('new points and runs appear by themselves', async () => {
    for (let step = 20; step < 25; step++) writer.addScalar('loss/train', 0.01, step);
    await writer.flush();
    writeEvents(join(folder, 'late/events.out.tfevents.1'), bytesOf(scalar('loss/train', 0, 1)));
    appendFileSync(join(folder, 'late/events.out.tfevents.1'), bytesOf(scalar('loss/train', 1, 0.5)));
    await page.getByRole('img', { name: 'loss/train: 3 runs, 37 points, step 0 to step 24' }).waitFor();
  });

  test('what did not change is not asked for again, and keeps the focus', async () => {
    const only = page.getByRole('button', { name: 'Show only ours', exact: true });
    await only.focus();
    const asked: string[] = [];
    const listen = (request: { url(): string }) => asked.push(new URL(request.url()).searchParams.get('tag') ?? '');
    page.on('request', listen);
    appendFileSync(join(folder, 'late/events.out.tfevents.1'), bytesOf(scalar('loss/train', 2, 0.5)));
    writeEvents(join(folder, 'first of all/events.out.tfevents.1'), bytesOf(scalar('other', 0, 1)));
    await page.getByRole('checkbox', { name: 'first of all' }).waitFor();
    await page.getByRole('img', { name: 'loss/train: 3 runs, 38 points' }).waitFor();
    page.off('request', listen);
    expect(asked).toContain('loss/train');
    expect(asked).not.toContain('broken');
    expect(await only.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
  });

  test('of very many tags in a group, a part is shown until more is asked for', async () => {
    writeEvents(
      join(folder, 'late/events.out.tfevents.2'),
      bytesOf(...Array.from({ length: 160 }, (_, i) => scalar(`many/${i}`, 0, 1))),
    );
    await page.getByRole('button', { name: 'Show all 160' }).click();
    expect(await page.locator('details', { hasText: 'many' }).locator('figure').count()).toBe(160);
  });

  test('runs that are not shown stay so when the page is loaded anew', async () => {
    await page.getByRole('checkbox', { name: 'first of all' }).uncheck();
    await page.reload();
    expect(await page.getByRole('checkbox', { name: 'first of all' }).isChecked()).toBe(false);
    expect(await page.getByRole('checkbox', { name: 'late' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.locator('figcaption[title="loss/train"]').scrollIntoViewIfNeeded();
  });

  test('the keyboard zooms, goes along a curve and between views', async () => {
    await chart('loss/train').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.tip', { hasText: 'step 0' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('+');
    await page.getByRole('button', { name: 'Show all', exact: true }).waitFor();
    await page.keyboard.press('0');
    await page.getByRole('tab', { name: 'Scalars' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tab', { name: 'Images' }).getAttribute('aria-selected')).toBe('true');
  });

  test('a filter that is no regular expression says so', async () => {
    await open('Scalars');
    await page.getByPlaceholder('Filter tags').fill('(');
    await page.getByText('This is no regular expression').waitFor();
    await page.getByPlaceholder('Filter tags').fill('train');
    await expect(page.locator('figure.chart').count()).resolves.toBe(1);
    await page.getByPlaceholder('Filter tags').fill('');
  });

  test('images, at the step of the slider', async () => {
    await open('Images');
    const image = page.getByAltText('picture of ours at step 5');
    await image.waitFor();
    type Picture = { decode(): Promise<void>; naturalWidth: number; naturalHeight: number };
    const size = await image.evaluate(async (element: unknown) => {
      const picture = element as Picture;
      await picture.decode();
      return [picture.naturalWidth, picture.naturalHeight];
    });
    expect(size).toEqual([6, 4]);
    await page.getByRole('slider', { name: 'Step of picture, ours' }).fill('0');
    await page.getByAltText('picture of ours at step 0').waitFor();
    await page.getByAltText('picture of pytorch/first at step 2').waitFor();
  });

  test('histograms', async () => {
    await open('Histograms');
    const card = page.locator('figure', { hasText: 'ours' });
    await card.locator('path.ridge').nth(1).waitFor();
    expect(await card.getByRole('img').getAttribute('aria-label')).toBe(
      'Distribution from -6 to 6 at 2 steps, the last of 4 values',
    );
    expect(await card.locator('.facts').textContent()).toBe('Values4Mean0.75Least-6Greatest6');
  });

  test("precision-recall curves of ours and PyTorch's side by side, at the step of the slider", async () => {
    await open('PR curves');
    const card = page.locator('figure', { has: page.locator('figcaption[title="pr/third"]') });
    const plot = card.getByRole('img');
    const tip = async () =>
      (await card.locator('.tip tr').allInnerTexts()).map((row) => row.split(/\s+/).join(' ').trim());
    await card.locator('path.pr-curve').nth(1).waitFor();
    expect(await plot.getAttribute('aria-label')).toMatch(/^pr\/third: precision over recall of 2 runs at step 20\./);
    await card.getByText('step 20').waitFor();
    await plot.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    expect(await card.locator('.tip strong').textContent()).toBe('threshold 0');
    expect(await tip()).toEqual([
      'precision recall TP FP TN FN step',
      'ours 0.5 1 2 2 0 0 5',
      'pytorch/sweep 0.33333 1 4 8 0 0 20',
    ]);
    await page.keyboard.press('Shift+ArrowLeft');
    expect(await card.locator('.tip strong').textContent()).toBe('threshold 0.5');
    await page.keyboard.press('Escape');
    expect(await card.locator('.tip').isVisible()).toBe(false);
    await card.getByRole('slider', { name: 'Step of pr/third' }).fill('0');
    await page.locator('[aria-label^="pr/third: precision over recall of 2 runs at step 0."]').waitFor();
    // The mouse finds the nearest point, here PyTorch's of the highest threshold, and ours at the one next to it.
    const { x, y } = (await plot.boundingBox())!;
    await page.mouse.move(x + 60, y + 12);
    expect(await card.locator('circle.pr-mark').count()).toBe(2);
    expect((await tip())[1]).toBe('ours 0.5 0.5 1 1 1 1 0');
    const colours = await card.locator('path.pr-curve').evaluateAll((paths) => paths.map((path) => path.style.stroke));
    expect(new Set(colours).size).toBe(2);
    await page.mouse.move(0, 0);
    await card.locator('.tip').waitFor({ state: 'hidden' });
    // The slider stays at its step when there are fewer before it.
    const slider = card.getByRole('slider');
    await slider.fill('2');
    await card.getByText('step 10').waitFor();
    await page.locator('label[title=ours] input').uncheck();
    await card.locator('path.pr-curve').nth(1).waitFor({ state: 'detached' });
    expect([await slider.getAttribute('max'), await slider.inputValue()]).toEqual(['2', '1']);
    await card.getByText('step 10').waitFor();
    await page.locator('label[title=ours] input').check();
  });

  test('texts are Markdown, and HTML in them is text', async () => {
    await open('Text');
    const card = page.locator('figure', { hasText: 'ours' });
    await card.locator('strong', { hasText: 'bold' }).waitFor();
    expect(await card.locator('.markdown').textContent()).toBe(`A bold ${evil}`);
  });

  const labels = () =>
    page.locator('.node').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('aria-label')));

  test('the graph unfolds and folds by click and Enter, and says what a node is', async () => {
    await open('Graph');
    await page.locator('select').selectOption('ours');
    await page.getByRole('button', { name: 'model1, Sequential' }).click();
    expect(await labels()).toEqual(
      expect.arrayContaining(['0, Conv2d, 12 nodes', '6, Flatten, 2 nodes', 'x, IO Node']),
    );
    expect(await page.locator('.edge text').allTextContents()).toContain('[2, 32, 32, 32]');
    const count = (await labels()).length;
    await page.getByRole('button', { name: '0, Conv2d' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '_convolution' }).click();
    const panel = page.getByRole('region', { name: 'Selected node' });
    await panel.getByText('aten::_convolution', { exact: true }).first().waitFor();
    expect(await panel.textContent()).toMatch(/\[2, 32, 32, 32\][\s\S]*Inputs \(13\)input\/x/);
    await page.getByRole('button', { name: '0, Conv2d' }).focus();
    await page.keyboard.press('Enter');
    expect(await labels()).toHaveLength(count);
  });

  (existsSync(reference) ? test : test.skip)("the graph that other people's PyTorch wrote", async () => {
    await page.locator('select').selectOption('reference');
    await page.getByRole('button', { name: 'module1, Sequential' }).click();
    expect(await labels()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^0, Conv2d/), expect.stringMatching(/^8, Linear/)]),
    );
  });

  test('hyperparameters, sorted by a metric', async () => {
    await open('HParams');
    const runs = () => page.locator('tbody td:first-child').allInnerTexts();
    const table = (await page.locator('.card.table table').elementHandle())!;
    await page.getByRole('button', { name: 'hparam/accuracy' }).click();
    expect(await runs()).toEqual(['ours/trial-1', 'ours/trial-2', 'pytorch/first/trial']);
    await page.getByRole('button', { name: 'hparam/accuracy' }).click();
    expect(await runs()).toEqual(['ours/trial-2', 'ours/trial-1', 'pytorch/first/trial']);
    // The same table, so that it stays where it is scrolled to.
    expect(await table.evaluate(({ isConnected }) => isConnected)).toBe(true);
  });

  test('dark where the system is, or where it is switched', async () => {
    const theme = () => page.locator('html').getAttribute('data-theme');
    expect(await theme()).toBe('light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-theme=dark]').waitFor();
    await page.getByRole('button', { name: 'Colours: Auto; change' }).click();
    expect(await theme()).toBe('light');
  });

  test('a hostile log runs nothing, breaks nothing and is named', async () => {
    await open('Scalars');
    await chart(evil).waitFor();
    await open('Images');
    await page.getByText('This is no picture of a kind that is shown').waitFor();
    const problems = await page.locator('.problems').textContent();
    expect(problems).toMatch(/the checksum of the record is wrong at byte \d+; nothing behind it is shown/);
    expect(problems).toMatch(/events\.out\.tfevents\.2: the checksum of the length is wrong at byte 0/);
    expect(await page.title()).toBe('Cresset board');
    expect(await page.locator('[onerror], main script').count()).toBe(0);
    // The picture that is refused is the only complaint.
    expect(complaints.filter((text) => !/415/.test(text))).toEqual([]);
  });

  test('another board at the same address is not taken for the one before', async () => {
    const port = Number(new URL(board.url).port);
    await board.close();
    board = await serveBoard(join(folder, 'late'), {
      page: join(__dirname, '../../dist/board/page'),
      port,
      interval: 50,
    });
    await page.locator('.status', { hasText: '1 run · live' }).waitFor();
    expect(await page.locator('.runs .name').allInnerTexts()).toEqual(['.']);
  });

  test('a folder that goes is waited for, and shown when it comes', async () => {
    rmSync(join(folder, 'late'), { recursive: true });
    await page.getByRole('heading', { name: 'The folder is not there' }).waitFor();
    await page.locator('.status', { hasText: 'late · not there' }).waitFor();
    writeEvents(join(folder, 'late/again/events.out.tfevents.1'), bytesOf(scalar('loss/train', 0, 1)));
    await page.getByRole('checkbox', { name: 'again' }).waitFor();
    await open('Scalars');
    await page.getByRole('img', { name: 'loss/train: 1 run, 1 point' }).waitFor();
  });
});
