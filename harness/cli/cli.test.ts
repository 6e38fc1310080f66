// SPDX-License-Identifier: GPL-2.0-only
/** The command line as a contract: exit status, documents, messages for bad input. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { LoweringError } from '../kts/diagnostics.ts';
import { main } from './main.ts';
import { tellError } from './output.ts';
import { report as refineReport } from './refine.ts';

const worker = new URL('../conform/worker.ts', import.meta.url);
const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-'));
test.after.always(() => rmSync(dir, { recursive: true, force: true }));

interface Run {
	status: number;
	out: string;
	err: string;
}

/** Runs a command line in this process. */
async function run(...args: string[]): Promise<Run> {
	const texts = { out: '', err: '' };
	const { stdout, stderr } = process;
	const keep = { out: stdout.write, err: stderr.write };
	stdout.write = ((s: string) => (texts.out += s) !== '') as typeof stdout.write;
	stderr.write = ((s: string) => (texts.err += s) !== '') as typeof stderr.write;
	try {
		return { status: await main(args, worker), ...texts };
	} finally {
		stdout.write = keep.out;
		stderr.write = keep.err;
	}
}

const WITHOUT_ANY = ['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'].flatMap((s) => [
	'--without',
	s,
]);

test.serial('check S01 without any of the three: violated, 1', async (t) => {
	const { status, out } = await run(
		'check',
		'S01',
		'--profile',
		'proposed',
		...WITHOUT_ANY,
		'--json',
	);
	const document = JSON.parse(out);
	t.is(status, 1);
	t.is(document.verdict, 'violated');
	for (const key of ['id', 'profile', 'config', 'bounds', 'property', 'states', 'transitions'])
		t.true(key in document, key);
	for (const key of ['depth', 'seconds', 'bytes_per_state', 'trace']) t.true(key in document, key);
	t.true(document.trace.length > 10);
	for (const key of ['step', 'node', 'task', 'stack', 'event', 'state'])
		t.true(key in document.trace[0], key);
	const frames = document.trace.flatMap((s: { stack: object[] }) => s.stack);
	t.true(frames.some((f: { function?: string }) => f.function === 'do_no_page'));
});

for (const symbol of ['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'])
	test.serial(`check S01 with ${symbol} alone: verified, 0`, async (t) => {
		const others = ['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'].filter((s) => s !== symbol);
		const { status, out } = await run(
			...['check', 'S01', '--with', symbol],
			...others.flatMap((s) => ['--without', s]),
			'--json',
		);
		t.is(status, 0);
		t.is(JSON.parse(out).verdict, 'verified');
	});

test.serial('S13 and S12 in state B: 1 without PAGE_MKWRITE, SHARED_PROT_RO', async (t) => {
	const shared = ['--profile', 'proposed-shared', '--without'];
	const s13 = await run('check', 'S13', ...shared, 'PAGE_MKWRITE');
	t.is(s13.status, 1);
	t.regex(s13.out, /^S13-store-to-private-copy: VIOLATED$/m);
	t.regex(s13.out, /because PAGE_MKWRITE/);
	t.is((await run('check', 'S12', ...shared, 'SHARED_PROT_RO')).status, 1);
});

test.serial('a test whose buffers are in mappings is replayed as it was found', async (t) => {
	const file = path.join(dir, 'S43.json');
	await run('check', 'S43-two', '--without', 'NOFAULT_COPY', '--trace', file);
	const replay = await run('replay', file);
	t.is(replay.status, 1);
	t.regex(replay.out, /^step \d+: I9: deadlock/m);
});

test.serial(
	'what a walk or a depth-first search finds is made short, and is replayed',
	async (t) => {
		const file = path.join(dir, 'short.json');
		const words = ['check', 'S43-two', '--without', 'NOFAULT_COPY', '--trace', file];
		await run(...words);
		const shortest = JSON.parse(readFileSync(file, 'utf8')).schedule.length;
		for (const order of [['--depth-first'], ['--walks', '500', '--seed', '3']]) {
			t.is((await run(...words, ...order)).status, 1);
			const { schedule } = JSON.parse(readFileSync(file, 'utf8'));
			t.true(schedule.length <= shortest + 3, `${order}: ${schedule.length}, not ${shortest}`);
			t.is((await run('replay', file)).status, 1);
		}
	},
);

test.serial(
	'a source that breaks a rule of the language is bad input, not our fault',
	async (t) => {
		const place = {
			file: 'vfs/x.ts',
			line: 3,
			column: 1,
			code: 'K007',
			message: 'a name is taken',
		};
		let err = '';
		const { write } = process.stderr;
		process.stderr.write = ((s: string) => (err += s) !== '') as typeof write;
		try {
			t.is(tellError(new LoweringError([place])), 2);
		} finally {
			process.stderr.write = write;
		}
		t.is(err, 'vfshook: vfs/x.ts:3:1 K007: a name is taken\n');
	},
);

test.serial('a counterexample is written, explained and replayed', async (t) => {
	const file = path.join(dir, 's02.json');
	const check = await run('check', 'S02', '--without', 'TRUNCATE_COUNT', '--trace', file);
	t.is(check.status, 1);
	const replay = await run('replay', file);
	t.is(replay.status, 1);
	t.regex(replay.out, /at \w+ \(harness\/\w+\/[\w.]+\.ts:\d+:\d+\)/);
	const explain = await run('explain', file);
	t.is(explain.status, 0);
	t.regex(explain.out, /do_no_page/);
});

test.serial('an edited or unreadable trace: 2, and what is wrong with it', async (t) => {
	const file = path.join(dir, 'trace.json');
	await run('check', 'S01', '--without', 'TRUNCATE_COUNT', '--trace', file);
	const text = readFileSync(file, 'utf8');
	const edits: [string, RegExp][] = [
		[text.slice(0, 300), /no JSON/],
		['', /no JSON/],
		['[]', /expected an object/],
		[text.replace(/"hash": "./, '"hash": "x'), /other sources/],
		[text.replace('"TRUNCATE_COUNT": 0', '"TRUNCATE_COUNT": 1'), /schedule/],
		[text.replace('"TRUNCATE_COUNT": 0', '"TRUNCATE_COUNT": 7'), /TRUNCATE_COUNT/],
		[text.replace(/\[0, 0\]/, '[63, 0]'), /task/],
		[text.replace(/"schedule": \[\n\t\t\[\d+, \d+\],\n/, '"schedule": [\n'), /schedule/],
		[text.replace('C S01', 'C S01 {'), /program\.text/],
		[text.replace('"NR_NODES": 2', '"NR_NODES": 1'), /NR_NODES/],
	];
	for (const [edited, message] of edits) {
		t.not(edited, text);
		writeFileSync(file, edited);
		for (const command of ['replay', 'explain']) {
			const { status, err } = await run(command, file);
			t.is(status, 2, `${command}: ${message}: ${err}`);
			t.regex(err, message);
		}
	}
	t.is((await run('replay', path.join(dir, 'nothing.json'))).status, 2);
	t.is((await run('replay', dir)).status, 2);
});

test.serial('bad words on the command line: 2, and what was meant', async (t) => {
	const bad: [string[], RegExp][] = [
		[['check', 'S99'], /unknown scenario 'S99'/],
		[['check', 'S01-clasic-window'], /did you mean 'S01-classic-window'/],
		[['check', 'S01', '--without', 'TRUNCATE_CONT'], /did you mean 'TRUNCATE_COUNT'/],
		[['check', 'S01', '--with', 'PAGE_MKWRITE', '--without', 'PAGE_MKWRITE'], /on and off/],
		[['check', 'S01', '--with', 'NOPAGEDONE', '--with', 'VM_DO_NO_PAGE'], /cannot both be on/],
		[['check', 'S01', '--profile', 'propose'], /did you mean 'proposed'/],
		[['check', 'S01', '--set', 'NR_NODES=0'], /out of range: 1 to 4/],
		[['check', 'S01', '--set', 'NR_NODES=99'], /out of range: 1 to 4/],
		[['check', 'S01', '--set', 'NR_NODES=1'], /needs NR_NODES=2/],
		[['check', 'S01', '--set', 'NR_NODES'], /NAME=NUMBER/],
		[['check', 'S01', '--set', 'NR_NODE=2'], /did you mean 'NR_NODES'/],
		[['check', 'S01', '--set', 'constructor=2'], /unknown name/],
		[['check', 'S01', '--max-states', 'many'], /--max-states needs a whole number/],
		[['check', 'S01', '--max-memory', '1Q'], /--max-memory needs a size/],
		[['check', 'S01', '--seed', '3'], /--walks/],
		[['check', 'S01', 'S02', '--trace', 'x'], /one test/],
		[['check', './nothing.litmus'], /no such file/],
		[['check', dir + '/'], /is not a regular file/],
		[['check'], /missing required argument/],
		[['chekc', 'S01'], /unknown command/],
		[['list', 'symbol'], /did you mean 'symbols'/],
		[['litmus', 'S01', '--profile', ''], /unknown profile/],
	];
	for (const [args, message] of bad) {
		const { status, err, out } = await run(...args);
		t.is(status, 2, `${args.join(' ')}: ${out}${err}`);
		t.regex(err, message);
		t.is(out, '', args.join(' '));
		t.notRegex(err, /^ {4}at /m, 'no stack trace for a mistake of the user');
	}
});

test.serial('bad litmus files: 2, the line, a caret, what was expected', async (t) => {
	const good = `C t
{ int x = 0; }
P0(int *x)
{
	WRITE_ONCE(*x, 1);
}
exists (x=1)
`;
	const bad: [string, RegExp][] = [
		[good.slice(0, 40), /expected/],
		[good.replace('WRITE_ONCE(*x, 1)', 'WRITE_TWICE(*x, 1)'), /WRITE_TWICE/],
		[good.replace(', 1)', ', 99999999999999)'), /99999999999999/],
		[good.replace('{ int x = 0; }', '{ int x = 0; P0 on 9; }'), /node/],
		[good.replace('{ int x = 0; }', '{ int x = 0; P7 on 0; }'), /P7/],
	];
	const file = path.join(dir, 'bad.litmus');
	for (const [text, message] of bad) {
		t.not(text, good);
		writeFileSync(file, text);
		for (const command of ['check', 'litmus']) {
			const { status, err } = await run(command, file);
			t.is(status, 2, err);
			t.regex(err, message);
			t.regex(err, /\^/);
		}
	}
	writeFileSync(file, good);
	t.is((await run('litmus', file)).status, 0);
});

test.serial('a limit: incomplete, 3, with the partial figures', async (t) => {
	const { status, out } = await run('check', 'S01', '--max-states', '100', '--json');
	t.is(status, 3);
	const document = JSON.parse(out);
	t.is(document.verdict, 'incomplete');
	t.regex(document.reason, /--max-states/);
	t.true(document.states > 0);
});

test.serial('random walks: never verified; the seed repeats them', async (t) => {
	const one = await run('check', 'S01', '--walks', '20', '--seed', '7', '--json');
	const two = await run('check', 'S01', '--walks', '20', '--seed', '7', '--json');
	t.is(one.status, 3);
	t.is(JSON.parse(one.out).seed, 7);
	t.is(JSON.parse(one.out).transitions, JSON.parse(two.out).transitions);
	const bug = await run('check', 'S01', '--without', 'TRUNCATE_COUNT', '--walks', '500', '--json');
	t.is(bug.status, 1);
});

test.serial('depth first finds the same states', async (t) => {
	const bfs = JSON.parse((await run('check', 'S04', '--json')).out);
	const dfs = JSON.parse((await run('check', 'S04', '--depth-first', '--json')).out);
	t.is(dfs.states, bfs.states);
	t.is(dfs.transitions, bfs.transitions);
});

test.serial('list: text and JSON', async (t) => {
	for (const what of ['scenarios', 'symbols', 'profiles', 'properties']) {
		const text = await run('list', what);
		t.is(text.status, 0);
		t.true(text.out.length > 100);
		t.true(JSON.parse((await run('list', what, '--json')).out).length >= 3);
	}
});

test.serial('crosswalk: a tree of another version, and what is no tree', async (t) => {
	const tree = mkdtempSync(path.join(dir, 'tree-'));
	const none = await run('crosswalk', '--linux', tree);
	t.is(none.status, 2);
	t.true(none.err.includes('no kernel tree'), none.err);
	mkdirSync(path.join(tree, 'mm'));
	writeFileSync(
		path.join(tree, 'Makefile'),
		'VERSION = 2\nPATCHLEVEL = 4\nSUBLEVEL = 22\nEXTRAVERSION =\n',
	);
	writeFileSync(path.join(tree, 'mm/memory.c'), 'int unrelated(void)\n{\n\treturn 0;\n}\n');
	const empty = await run('crosswalk', '--linux', tree);
	t.is(empty.status, 1, 'no function of the port is in it');
	t.regex(empty.out, /2\.4\.22: 0 of \d+ functions found/);
	for (const odd of [['--facts'], ['--pin', '--linux', tree], ['--pin', 'do_no_page']]) {
		const { status, err } = await run('crosswalk', ...odd);
		t.is(status, 2);
		t.true(err.includes(odd[0]), err);
	}
});

test.serial('--help teaches, and no word at all is a usage error', async (t) => {
	const help = await run('--help');
	t.is(help.status, 0);
	for (const word of ['conform', 'check', 'litmus', 'explain', 'replay', 'Exit status'])
		t.true(help.out.includes(word), word);
	t.is((await run()).status, 2);
	t.is((await run('--version')).status, 0);
});

/** Runs a command line, and sends a signal once it explores. */
async function interrupted(signal: NodeJS.Signals, ...args: string[]): Promise<Run> {
	const before = process.listenerCount(signal);
	const timer = setInterval(() => {
		if (process.listenerCount(signal) > before) process.kill(process.pid, signal);
	}, 300);
	try {
		return await run(...args);
	} finally {
		clearInterval(timer);
	}
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
	test.serial(`${signal}: incomplete, 3, with the partial figures`, async (t) => {
		const before = process.listenerCount(signal);
		const words = ['S15-vogt-race', 'S01', '--profile', 'proposed-shared', '--set', 'NR_NODES=4'];
		const { status, out } = await interrupted(signal, 'check', ...words, '--json');
		t.is(status, 3);
		const document = JSON.parse(out);
		t.is(document.verdict, 'incomplete');
		t.is(document.id, 'S15-vogt-race', 'nothing else is begun');
		t.regex(document.reason, /interrupted/);
		t.true(document.states > 100);
		t.true(process.listenerCount(signal) <= before, 'the next one ends the process');
	});

test.serial('Ctrl-C: litmus gives what it has found, conform how far it came', async (t) => {
	const large = ['S15-vogt-race', 'S01', '--profile', 'proposed-shared', '--set', 'NR_NODES=4'];
	const litmus = await interrupted('SIGINT', 'litmus', ...large);
	t.is(litmus.status, 3);
	t.regex(litmus.out, /interrupted/);
	t.notRegex(litmus.out, /Test S01/);
	const whole = await interrupted('SIGINT', 'conform', '--json');
	t.is(whole.status, 3);
	const document = JSON.parse(whole.out);
	t.true(document.interrupted);
	t.true(document.checks <= document.most);
	t.false(document.columns[0].finished);
});

test.serial('conform --refine compares two modes, and goes with no --profile', async (t) => {
	const { status, err } = await run('conform', '--refine', '--profile', 'proposed');
	t.is(status, 2);
	t.regex(err, /--refine compares proposed with proposed-shared/);
	const equal = { common: ['[x]=1;'], only: [[], []] as [string[], string[]] };
	const done = {
		states: [10, 20] as [number, number],
		complete: [true, true] as [boolean, boolean],
	};
	const only: [string[], string[]] = [[], ['[x]=2;']];
	const text = refineReport(
		[
			{ test: 'S01', verdict: 'equal', ...equal, ...done },
			{ test: 'S02', verdict: 'different', ...equal, ...done, only },
			{ test: 'S03', verdict: 'incomplete', ...equal, ...done, complete: [true, false] },
		],
		4,
	);
	t.deepEqual(text.trimEnd().split('\n'), [
		'S02: DIFFERENT',
		'  only in proposed-shared: [x]=2;',
		'proposed and proposed-shared: the same outcomes in 1 of 4 tests (1 outcomes, 90 states)',
		'others in 1 of them',
		'more than 200,000 states, not compared: S03',
		'interrupted after 3 of 4 tests',
	]);
});

test.serial('what is there and something else is not replaced', async (t) => {
	const file = path.join(dir, 'mine.litmus');
	writeFileSync(file, 'C mine');
	for (const option of ['--checkpoint', '--trace'])
		for (const [there, message] of [
			[file, /something else; name another/],
			[dir, /not a regular file/],
		] as const) {
			const { status, err } = await run('check', 'S04', option, there);
			t.is(status, 2);
			t.regex(err, message);
		}
	t.is(readFileSync(file, 'utf8'), 'C mine');
});

test.serial('--compact never says verified without the probability that it is not', async (t) => {
	const exact = JSON.parse((await run('check', 'S04', '--json')).out);
	const { status, out } = await run('check', 'S04', '--compact');
	t.is(status, 0);
	t.regex(out, /^S04-\S+: VERIFIED, unless a state was missed \(probability below \de-\d+: --com/);
	const compact = JSON.parse((await run('check', 'S04', '--compact', '--json')).out);
	t.is(exact.omission_probability, undefined);
	t.is(compact.omission_probability, (exact.states * (exact.states - 1)) / 2 ** 65);
	t.is(compact.states, exact.states);
	for (const other of [['--depth-first'], ['--walks', '3'], ['--progress'], ['--workers', '2']]) {
		const refused = await run('check', 'S04', '--compact', ...other);
		t.is(refused.status, 2, other[0]);
		t.regex(refused.err, /--compact/);
	}
});

/** What a report says, but for what an interruption changes. */
function essence(out: string): Record<string, unknown> {
	const { seconds: _, bytes_per_state: __, resumed: ___, tables: ____, ...rest } = JSON.parse(out);
	return rest;
}

for (const [name, words] of Object.entries({
	'verified, breadth first': ['S04'],
	'verified, depth first': ['S04', '--depth-first'],
	'verified, hashes only': ['S04', '--compact'],
	'verified, with --progress': ['S56', '--progress'],
	'up to symmetry': ['S15-vogt-race', '--set', 'NR_NODES=3', '--reduce', 'all'],
	'violated, a shortest trace': ['S01', '--without', 'TRUNCATE_COUNT'],
}))
	test.serial(`cut short and resumed, twice: ${name}`, async (t) => {
		const file = path.join(dir, 'search');
		const whole = await run('check', ...words, '--json');
		const { states } = JSON.parse(whole.out);
		let resume: string[] = [];
		for (const part of [0.2, 0.99]) {
			const most = String(Math.floor(states * part));
			const limits = ['--max-states', most, '--checkpoint', file, ...resume];
			const { status, out } = await run('check', ...words, ...limits, '--json');
			t.is(status, 3);
			const { checkpoint } = JSON.parse(out);
			t.is(checkpoint.file, file);
			t.true(checkpoint.states > 0 && checkpoint.states <= Number(most));
			resume = ['--resume', file];
		}
		const { status, out } = await run('check', ...words, ...resume, '--json');
		t.is(status, whole.status);
		t.deepEqual(essence(out), essence(whole.out));
	});

test.serial('Ctrl-C with --checkpoint: what was found is found no more', async (t) => {
	const file = path.join(dir, 'interrupted');
	const words = ['check', 'S100-late-write', '--profile', 'mainline'];
	const { status, out } = await interrupted('SIGINT', ...words, '--checkpoint', file);
	t.is(status, 3);
	const [, told] = / to go on: vfshook (.*)/.exec(out) ?? [];
	t.is(told, `${words.join(' ')} --resume ${file}`);
	const resumed = await run(...words, '--resume', file, '--json');
	t.deepEqual(essence(resumed.out), essence((await run(...words, '--json')).out));
});

test.serial('a checkpoint that does not fit: 2, and what differs', async (t) => {
	const file = path.join(dir, 'other');
	t.is((await run('check', 'S02', '--max-states', '500', '--checkpoint', file)).status, 3);
	const bad: [string[], RegExp][] = [
		[['S01'], /what differs: test \(S02.*, text of the test \(/],
		[['S02', '--without', 'TRUNCATE_COUNT'], /TRUNCATE_COUNT \(1 there, 0 here\)/],
		[['S02', '--set', 'NR_NODES=3'], /NR_NODES \(2 there, 3 here\)/],
		[['S02', '--profile', 'proposed-shared'], /profile \(proposed there, proposed-shared here\)/],
		[['S02', '--depth-first'], /order \(bfs there, dfs here\)/],
		[['S02', 'S01'], /takes one test/],
		[['S02', '--walks', '3'], /random walks/],
		[['S02', '--progress'], /livelock \(false there, true here\), goals \(none there, /],
	];
	for (const [words, message] of bad) {
		const { status, err, out } = await run('check', ...words, '--resume', file);
		t.is(status, 2, words.join(' '));
		t.regex(err, message);
		t.is(out, '');
	}
	const edited = readFileSync(file);
	edited[edited.length >> 1] ^= 1;
	writeFileSync(file, edited);
	t.regex((await run('check', 'S02', '--resume', file)).err, /damaged or cut off/);
	t.regex((await run('check', 'S02', '--resume', `${file}.no`)).err, /cannot be read \(ENOENT\)/);
	const nowhere = path.join(dir, 'no', 'where');
	t.regex((await run('check', 'S02', '--checkpoint', nowhere)).err, /cannot be written \(ENOENT\)/);
	t.regex((await run('check', 'S02', '--checkpoint-every', '5')).err, /goes with --checkpoint/);
});

test.serial(
	'--progress: a cycle with its stem, which replay verifies, and refuses if cut',
	async (t) => {
		t.is((await run('check', 'S41', '--json')).status, 0, 'it is not asked for');
		const file = path.join(dir, 'cycle.json');
		const endless = ['check', 'S41', '--progress', '--without', 'OGFS_GREEDY'];
		const { status, out } = await run(...endless, '--json', '--trace', file);
		t.is(status, 1);
		const document = JSON.parse(out);
		t.is(document.property, 'STARVE');
		t.true(document.progress);
		t.true(document.cycle_from > 0 && document.cycle_from < document.trace.length);
		const text = await run(...endless);
		t.regex(text.out, /from here for ever:/);
		t.regex(text.out, /--progress --trace FILE/);

		t.regex((await run('explain', file)).out, /for ever/);
		const replayed = await run('replay', file);
		t.is(replayed.status, 1);
		t.regex(replayed.out, new RegExp(`is that after step ${document.cycle_from}`));
		const trace = JSON.parse(readFileSync(file, 'utf8'));
		t.is(trace.cycle_from, document.cycle_from);
		const edited = path.join(dir, 'edited.json');
		const refused = async (change: object) => {
			writeFileSync(edited, JSON.stringify({ ...trace, ...change }));
			const { status, err } = await run('replay', edited);
			t.is(status, 2);
			t.regex(err, /cycle_from/);
		};
		await refused({ schedule: trace.schedule.slice(0, -1) });
		await refused({ cycle_from: trace.cycle_from + 1 });
		await refused({ cycle_from: undefined });
		await refused({ violation: { property: 'I9', message: 'another' } });
	},
);

test.serial('--progress: verified if it is, and refused where it means nothing', async (t) => {
	const s56 = await run('check', 'S56', '--progress', '--json');
	t.is(s56.status, 0);
	t.true(JSON.parse(s56.out).exercised.includes('STARVE'));
	for (const other of [['--depth-first'], ['--walks', '3']]) {
		const { status, err } = await run('check', 'S41', '--progress', ...other);
		t.is(status, 2);
		t.regex(err, new RegExp(other[0]));
	}
	const reduce = ['--reduce', 'symmetry', '--json'];
	const both = await run('check', 'S41', '--progress', ...reduce);
	t.is(both.status, 2);
	t.regex(both.err, /--reduce/);
	const canFinish = await run('check', 'S41', '--can-finish', ...reduce);
	t.is(canFinish.status, 0);
	const { exercised, reductions } = JSON.parse(canFinish.out);
	t.true(exercised.includes('I10') && !exercised.includes('STARVE'));
	t.true(reductions.length > 0);
	const limited = await run('check', 'S56', '--progress', '--max-states', '20', '--json');
	t.is(limited.status, 3);
	t.false(JSON.parse(limited.out).exercised.includes('STARVE'));
});

test.serial(
	'exit status: 0 as the test expects of the profile, and no configuration else',
	async (t) => {
		const file = path.join(dir, 'asked.litmus');
		const written = (result: string, claim = '~exists (x=1)') => {
			const field = result && `(* Result: ${result} *)\n`;
			writeFileSync(file, `C e\n${field}{ int x = 0; }\nP0(int *x) { *x = 1; }\n${claim}\n`);
		};
		const cases: [string, string, string[], number, RegExp][] = [
			['violated', '~exists (x=1)', [], 0, /VIOLATED[\s\S]*as the test expects of proposed\n/],
			['verified', '~exists (x=1)', [], 1, /the test expects of proposed: verified/],
			['', '~exists (x=1)', [], 1, /VIOLATED/],
			['violated', '~exists (x=2)', [], 1, /VERIFIED[\s\S]*the test expects of proposed: violated/],
			['vacuous', '~exists (x=2)', [], 1, /the test expects of proposed: vacuous/],
			['violated', '~exists (x=1)', ['--without', 'DIO_WAIT'], 1, /VIOLATED(?![\s\S]*expects)/],
			['violated', '~exists (x=2)', ['--set', 'SMP=0'], 0, /VERIFIED(?![\s\S]*expects)/],
			['Never', 'exists (x=1)', [], 1, /the test expects of proposed: verified/],
			['Never', 'exists (x=2)', [], 0, /VERIFIED(?![\s\S]*expects)/],
			['Sometimes', 'exists (x=1)', [], 0, /VERIFIED(?![\s\S]*expects)/],
			['Sometimes', '~exists (x=1)', [], 0, /VIOLATED[\s\S]*as the test expects/],
			['Always', 'forall (x=1)', [], 0, /VERIFIED(?![\s\S]*expects)/],
			['DEADLOCK', 'exists (x=1)', [], 1, /the test expects of proposed: violated/],
		];
		for (const [result, claim, options, expected, text] of cases) {
			written(result, claim);
			const { status, out } = await run('check', file, ...options);
			const what = `${result}, ${claim}, ${options}`;
			t.is(status, expected, what);
			t.regex(out, text, what);
		}
		written('violated');
		t.is((await run('check', file, '--max-states', '3')).status, 3, 'incomplete is never expected');
	},
);

test.serial('a trace has the bounds that it was found with: explain and replay', async (t) => {
	const file = path.join(dir, 'bounds.json');
	const set = ['--set', 'LOCK_MODULE=memexp', '--set', 'READ_ERRORS=1'];
	const words = ['check', 'S02', '--without', 'INVALIDATE_MMAP_RANGE', ...set];
	t.is((await run(...words, '--trace', file)).status, 1);
	const { config, violation } = JSON.parse(readFileSync(file, 'utf8'));
	t.is(config.LOCK_MODULE, 1);
	t.is((await run('explain', file)).status, 0);
	const { status, out } = await run('replay', file);
	t.is(status, 1);
	t.regex(out, new RegExp(violation.property));
	writeFileSync(file, readFileSync(file, 'utf8').replace('"LOCK_MODULE": 1', '"LOCK_MODULE": 3'));
	const edited = await run('explain', file);
	t.is(edited.status, 2);
	t.is(edited.out, '');
});

test.serial('list bounds and list properties say what the tables say', async (t) => {
	const bounds = JSON.parse((await run('list', 'bounds', '--json')).out);
	t.true(bounds.some((b: { name: string; high: number }) => b.name === 'NR_NODES' && b.high === 4));
	t.regex((await run('list', 'bounds')).out, /KSWAPD {2}\(Bounds:\)\n {4}0 to 8/);
	const { out } = await run('list', 'properties');
	t.regex(
		out,
		/^DATA {2}\(checked in steps; programs can notice\)\n[\s\S]*but: While ftruncate\(\) cuts an int off/m,
	);
	t.regex((await run('check', '--help')).out, /NR_FRAMES/);
});
