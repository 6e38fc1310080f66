// SPDX-License-Identifier: GPL-2.0-only
/** vfshook crosswalk: the port against a kernel, function by function. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../conform/config.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { crosswalk, type Report } from '../crosswalk/crosswalk.ts';
import { factsFile, factsText, loadFacts, Recorder } from '../crosswalk/facts.ts';
import { type Kernel, KernelTree } from '../crosswalk/kernel.ts';
import { loadPins, pinName, pinsFile, pinsText } from '../crosswalk/pin.ts';
import { loadPort } from '../crosswalk/port-file.ts';
import { findingsOf, reportJson, reportText } from '../crosswalk/report.ts';
import { BASE, isCompared, symbolsOf } from '../crosswalk/symbols.ts';
import { EXIT_OK, EXIT_VIOLATED } from './output.ts';

export interface CrosswalkOptions {
	linux?: string;
	profile?: string;
	facts?: boolean;
	pin?: boolean;
	json?: boolean;
}

/** Compares, and writes down what of the tree was needed for it. */
async function makeFacts(tree: Kernel): Promise<void> {
	const recorder = new Recorder(tree);
	const port = await loadPort(projectRoot());
	crosswalk(recorder, port, symbolsOf(tree.version), BASE);
	const file = factsFile(projectRoot(), tree.version);
	mkdirSync(path.dirname(file), { recursive: true });
	writeFileSync(file, factsText(recorder));
	process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
}

/** Notes what is not held against the kernels, as it is now. */
function pinAll(reports: readonly Report[]): void {
	const pins = new Map<string, string>();
	for (const { function: f, form, pin } of reports.flatMap((r) => r.results))
		if (pin) pins.set(pinName(f, form), pin);
	writeFileSync(pinsFile(projectRoot()), pinsText(pins));
	process.stdout.write(`${path.relative(process.cwd(), pinsFile(projectRoot()))}\n`);
}

export async function crosswalkCommand(
	names: readonly string[],
	options: CrosswalkOptions,
): Promise<number> {
	const tree = options.linux === undefined ? undefined : await KernelTree.open(options.linux);
	if (options.facts) {
		if (!tree) throw new UsageError('--facts: of which tree? name it with --linux DIR');
		await makeFacts(tree);
		return EXIT_OK;
	}
	const port = await loadPort(projectRoot());
	const known = loadFacts(projectRoot()).filter((k) => isCompared(k.version, options.profile));
	const kernels: Kernel[] = tree ? [tree] : known;
	if (options.pin && (tree || names.length > 0 || options.profile))
		throw new UsageError('--pin: of all functions, by the facts: without other arguments');
	// a profile of other symbols has another form, which is pinned nowhere
	const pins = options.profile || options.pin ? undefined : loadPins(projectRoot());
	const reports: Report[] = kernels.map((kernel) =>
		crosswalk(kernel, port, symbolsOf(kernel.version, options.profile), BASE, names, pins),
	);
	if (options.pin) {
		pinAll(reports);
		return EXIT_OK;
	}
	const documents = reports.map(reportJson);
	process.stdout.write(
		options.json
			? `${JSON.stringify(tree ? documents[0] : documents, null, '\t')}\n`
			: reports.map((report) => reportText(report, names.length > 0)).join('\n'),
	);
	const clean = reports.every((report) => findingsOf(report).length === 0);
	return clean ? EXIT_OK : EXIT_VIOLATED;
}
