// SPDX-License-Identifier: GPL-2.0-only
/** The vfshook command. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { settable } from '../conform/bounds.ts';
import { PROFILES } from '../conform/config.ts';
import { REDUCTIONS } from '../conform/reductions.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { alternatives } from '../litmus/error.ts';
import { oneLine } from '../litmus/visible.ts';
import { checkCommand } from './check.ts';
import { conformCommand } from './conform.ts';
import { LISTS, listCommand } from './list.ts';
import { litmusCommand } from './litmus.ts';
import { EXIT_OK, EXIT_USAGE, tellError } from './output.ts';

const many = (value: string, before: string[] = []) => [...before, value];
const profiles = PROFILES.map((p) => p.name).join(', ');

function version(): string {
	const text = readFileSync(path.join(projectRoot(), 'package.json'), 'utf8');
	return (JSON.parse(text) as { version: string }).version;
}

/** Options that choose a configuration. */
function configurable(command: Command): Command {
	return symbolsOf(
		command.addOption(new Option('--profile <name>', `one of ${profiles}`).default('proposed')),
	);
}

/** A symbol is named as `vfshook list symbols` does, or by its number there (H1). */
function symbolsOf(command: Command): Command {
	return command
		.option('--with <symbol>', 'switch a change on (repeat)', many)
		.option('--without <symbol>', 'switch a change off (repeat)', many)
		.option(
			'--set <name=value>',
			`set a symbol, or one of ${settable('--set').join(', ')}: NR_NODES=3, LOCK_MODULE=dlm (repeat)`,
			many,
		);
}

const reductionNames = REDUCTIONS.map(({ name }) => name).join(', ');

/** Options that bound a search. */
function bounded(command: Command): Command {
	return command
		.option('--max-states <n>', 'end a check after so many states')
		.option(
			'--max-memory <size>',
			'end a check before it uses more memory: 512M, 8G (default: 3/4 of what is free)',
		)
		.option('--max-seconds <n>', 'end a check after so many seconds')
		.option('--reduce <list>', `explore fewer states: ${reductionNames}, or all`);
}

/** An error of the arguments, which may contain line ends, in one line; then the advice. */
function inOneLine(text: string): string {
	const [message, ...advice] = text.trimEnd().split(/\n(?=\(Did you mean )/);
	return `${[message, ...advice].map(oneLine).join('\n')}\n`;
}

function build(worker: URL, done: (status: number) => void): Command {
	const program = new Command('vfshook');
	program
		.description(
			'Are the proposed VFS changes necessary, and are they sufficient, for a cluster file system to give every node a coherent, writable, shared mmap? Every interleaving within stated bounds.',
		)
		.version(version())
		.showHelpAfterError('(vfshook --help lists commands and options)')
		.exitOverride()
		.configureOutput({ outputError: (text, write) => write(inOneLine(text)) })
		.addHelpText(
			'after',
			`
Examples:
  vfshook conform                              the whole suite: the table of the changes
  vfshook conform --refine                     compare outcomes with and without the shared state
  vfshook check S01                            one scenario, every interleaving
  vfshook check S01 --without TRUNCATE_COUNT   the same with one change left out
  vfshook check S13 --profile proposed-shared --without PAGE_MKWRITE --trace t.json
  vfshook explain t.json                       the counterexample as story, columns and sentence
  vfshook replay t.json                        on the sources, with TypeScript stack traces
  vfshook check S01 --checkpoint s01.ck        Ctrl-C, then the same with --resume s01.ck
  vfshook litmus MP                            all final states, in herd7's words
  vfshook crosswalk                            compare each function with the kernel's

Exit status: 0 the verdict is the one that the test expects for the profile, or
verified if it expects none (as for a configuration that is not a profile);
1 violated, vacuous or otherwise not as expected; 2 usage error or unreadable
input; 3 incomplete; 4 internal error.`,
		);
	bounded(symbolsOf(program.command('conform')))
		.description('run the whole suite: which changes are needed, and which sets suffice')
		.argument('[test...]', 'only these tests: numbers, names or files (default: the whole suite)')
		.option('--profile <name>', `one column only: one of ${profiles}`)
		.option('--json', 'one JSON document')
		.option('--width <columns>', 'width of the page (default: the terminal, or 80)')
		.option('--each', 'check a machine again for each configuration that makes the same machine')
		.option('--refine', 'instead, compare what programs see with and without the shared state')
		.action(async (tests, options) => {
			if (!options.refine) return done(await conformCommand(tests, { ...options, worker }));
			const { refineCommand } = await import('./refine.ts');
			done(await refineCommand(tests, { ...options, worker }));
		});
	bounded(configurable(program.command('check')))
		.description('run scenarios (S01, S15-vogt-race, a .litmus file) on one configuration')
		.argument('<test...>', 'numbers, names or files')
		.option('--json', 'one JSON document')
		.option('--trace <file>', 'write the counterexample, for replay and explain')
		.option('--full', 'show every step of a counterexample')
		.option('--width <columns>', 'width of a counterexample (default: the terminal, or 100)')
		.option(
			'--depth-first',
			'search depth first: finds distant violations sooner, with longer traces',
		)
		.option(
			'--compact',
			'keep only 64 bits of each state; the verdict states the probability of an omission',
		)
		.option('--progress', 'also check that every program can end, and does end if turns are fair')
		.option('--can-finish', 'check only that every program can end; may be combined with --reduce')
		.option('--walks <n>', 'random walks instead of every interleaving')
		.option('--seed <n>', 'seed of the random walks')
		.option(
			'--checkpoint <file>',
			'write the state of the search here if Ctrl-C or a limit ends it',
		)
		.option('--checkpoint-every <minutes>', 'how often to write the checkpoint (default: 10)')
		.option('--resume <file>', 'go on from a checkpoint; limits may differ')
		.option('--workers <n>', 'number of processors to explore on (default: 1)')
		.action(async (tests, options) => done(await checkCommand(tests, options, worker)));
	bounded(configurable(program.command('litmus')))
		.description("print every reachable final state of a test, in herd7's format")
		.argument('<test...>', 'names or .litmus files')
		.option('--json', 'one JSON document')
		.action(async (tests, options) => done(await litmusCommand(tests, options)));
	program
		.command('explain')
		.description('explain a counterexample: a story, columns and one sentence')
		.argument('<trace>', 'a file written by check --trace')
		.option('--full', 'show every step')
		.action(async (trace, options) => {
			const { explainCommand } = await import('./replay.ts');
			done(await explainCommand(trace, options));
		});
	program
		.command('replay')
		.description(
			'run a counterexample on the sources, with TypeScript stack traces. Exit status 1: the violation of the file occurs',
		)
		.argument('<trace>', 'a file written by check --trace')
		.action(async (trace) => {
			const { replayCommand } = await import('./replay.ts');
			done(await replayCommand(trace));
		});
	program
		.command('list')
		.description('list the names of one kind')
		.argument('<what>', alternatives(Object.keys(LISTS)))
		.option('--json', 'one JSON document')
		.action((what, options) => done(listCommand(what, options)));
	program
		.command('docs')
		.description('write the generated pages of docs/ again')
		.option('--check', 'only fail if they differ from the sources')
		.action(async (options) => {
			const { docsCommand } = await import('./docs.ts');
			done(await docsCommand(options));
		});
	program
		.command('crosswalk')
		.description('compare the port with kernels, function by function')
		.argument('[function...]', 'print these in full (default: compare all, print findings)')
		.option('--linux <dir>', 'an unpacked tree: 2.4.22 or 2.6.9 (default: the facts of both)')
		.option('--profile <name>', 'with the symbols of this profile (default: that of the kernel)')
		.option('--pin', 'note what is not held against C as it is now, after it was compared by hand')
		.option('--facts', 'write the facts of the tree, which are compared where there is none')
		.option('--json', 'one JSON document')
		.action(async (names, options) => {
			const { crosswalkCommand } = await import('./crosswalk.ts');
			done(await crosswalkCommand(names, options));
		});
	return program;
}

/** Runs the command line; returns the exit status. */
export async function main(args: readonly string[], worker: URL): Promise<number> {
	let status = EXIT_OK;
	const program = build(worker, (s) => {
		status = s;
	});
	try {
		if (args.length === 0) {
			program.outputHelp();
			return EXIT_USAGE;
		}
		await program.parseAsync(args, { from: 'user' });
	} catch (e) {
		if (e instanceof CommanderError) return e.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
		return tellError(e);
	}
	return status;
}
