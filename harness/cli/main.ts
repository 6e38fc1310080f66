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
		.option('--max-states <n>', 'give up a check after so many states')
		.option(
			'--max-memory <size>',
			'give up a check before it uses more: 512M, 8G (default: 3/4 of free)',
		)
		.option('--max-seconds <n>', 'give up a check after so long')
		.option('--reduce <list>', `fewer states: ${reductionNames}, or all`);
}

/** What is wrong with the arguments, which may have ends of lines in them; and its advice. */
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
		.showHelpAfterError('(vfshook --help lists what there is)')
		.exitOverride()
		.configureOutput({ outputError: (text, write) => write(inOneLine(text)) })
		.addHelpText(
			'after',
			`
Examples:
  vfshook conform                              the whole suite: the table of the changes
  vfshook conform --refine                     the same outcomes with and without the shared state?
  vfshook check S01                            one scenario, every interleaving
  vfshook check S01 --without TRUNCATE_COUNT   the same with one change left out
  vfshook check S13 --profile proposed-shared --without PAGE_MKWRITE --trace t.json
  vfshook explain t.json                       the counterexample, told three ways
  vfshook replay t.json                        on the sources, with TypeScript stack traces
  vfshook check S01 --checkpoint s01.ck        Ctrl-C, then the same with --resume s01.ck
  vfshook litmus MP                            all final states, in herd7's words
  vfshook crosswalk --linux linux-2.4.22       what of each function is the kernel's

Exit status: 0 as the test expects of the profile, or verified where it expects nothing
(as of a configuration that is no profile); 1 violated, vacuous or otherwise not as
expected; 2 usage or unreadable input; 3 incomplete; 4 internal error.`,
		);
	bounded(symbolsOf(program.command('conform')))
		.description('the whole suite: sufficient? necessary? smallest sets')
		.argument('[test...]', 'numbers, names or files: of these only (default: the whole suite)')
		.option('--profile <name>', `one column only: one of ${profiles}`)
		.option('--json', 'one JSON document')
		.option('--width <columns>', 'of the page (default: the terminal, or 80)')
		.option('--each', 'check a machine again for each configuration that makes the same')
		.option('--refine', 'instead: do programs see the same with and without the shared state?')
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
		.option('--width <columns>', 'of a counterexample (default: the terminal, or 100)')
		.option('--depth-first', 'sooner at violations that are far away; longer traces')
		.option('--compact', 'keep only 64 bits of each state; a probability beside the verdict')
		.option('--progress', 'also: can every program come to an end, and does it, if turns are fair?')
		.option('--can-finish', 'the first half of --progress, which --reduce goes with')
		.option('--walks <n>', 'random walks instead of every interleaving')
		.option('--seed <n>', 'of the random walks')
		.option('--checkpoint <file>', 'if it is cut short (Ctrl-C, a limit), where to leave off')
		.option('--checkpoint-every <minutes>', 'and how often meanwhile (default: 10)')
		.option('--resume <file>', 'go on from a checkpoint; limits may be others')
		.option('--workers <n>', 'explore on so many processors (default: 1)')
		.action(async (tests, options) => done(await checkCommand(tests, options, worker)));
	bounded(configurable(program.command('litmus')))
		.description("every reachable final state of a test, in herd7's output format")
		.argument('<test...>', 'names or .litmus files')
		.option('--json', 'one JSON document')
		.action(async (tests, options) => done(await litmusCommand(tests, options)));
	program
		.command('explain')
		.description('a counterexample, told three ways')
		.argument('<trace>', 'a file written by check --trace')
		.option('--full', 'show every step')
		.action(async (trace, options) => {
			const { explainCommand } = await import('./replay.ts');
			done(await explainCommand(trace, options));
		});
	program
		.command('replay')
		.description(
			'run a counterexample on the direct executor: TypeScript stack traces. Exit status 1: it goes wrong as the file says',
		)
		.argument('<trace>', 'a file written by check --trace')
		.action(async (trace) => {
			const { replayCommand } = await import('./replay.ts');
			done(await replayCommand(trace));
		});
	program
		.command('list')
		.description('what there is to name')
		.argument('<what>', alternatives(Object.keys(LISTS)))
		.option('--json', 'one JSON document')
		.action((what, options) => done(listCommand(what, options)));
	program
		.command('docs')
		.description('write the generated pages of docs/ anew')
		.option('--check', 'fail if they differ from the sources instead')
		.action(async (options) => {
			const { docsCommand } = await import('./docs.ts');
			done(await docsCommand(options));
		});
	program
		.command('crosswalk')
		.description('the port against a kernel tree, function by function')
		.argument('[function...]', 'print these in full (default: compare all, print findings)')
		.requiredOption('--linux <dir>', 'an unpacked kernel tree: 2.4.22, or 2.6.9')
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
