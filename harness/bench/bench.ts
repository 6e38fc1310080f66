// SPDX-License-Identifier: GPL-2.0-only
/** npm run bench -- [OPTION...]: call.ts says what there is. */
import { cpus } from 'node:os';
import { type Call, HELP, readCall } from './call.ts';
import { BenchError } from './error.ts';
import { loweringTimes } from './lowered.ts';
import { type Group, type Measured, measure, workloadsOf } from './measure.ts';
import { jsonReport, type Report, type TwinRow, textReport } from './report.ts';
import { requireSpin, type SpinRun, SpinVerifier } from './spin.ts';
import { TWIN_SIZES } from './twin/sizes.ts';

/** An exploration of fewer states is measured more than once. */
const SOON_OVER = 2_000_000;

const best = <T extends { cpuSeconds: number }>(runs: T[]): T =>
	runs.reduce((a, b) => (b.cpuSeconds < a.cpuSeconds ? b : a));

/** The verifiers of the wanted sizes, made side by side: that is not measured. */
async function verifiersFor({ spin, sizes, reductions }: Call): Promise<SpinVerifier[]> {
	if (!spin) return [];
	const reduced = reductions.length > 0;
	return Promise.all(sizes.map((size) => SpinVerifier.make(TWIN_SIZES[size], reduced)));
}

/**
 * In rounds, each of which runs ours and Spin in turn on the sizes that are to be measured once
 * more. So the large ones stand between the first run of a small one and the others: if the machine
 * is slow for a while, it spoils not all of them.
 */
async function twinRows(call: Call): Promise<TwinRow[]> {
	if (!call.groups.includes('twin')) return [];
	const { order, maxStates, workers, reductions, sizes } = call;
	const verifiers = await verifiersFor(call);
	const runs = sizes.map((size) => ({ size, ours: [] as Measured[], spins: [] as SpinRun[] }));
	const wanted = (size: string): number =>
		call.runs ?? (TWIN_SIZES[size].states < SOON_OVER ? 3 : 1);
	try {
		for (let round = 0; sizes.some((size) => round < wanted(size)); round++)
			for (const [i, { size, ours, spins }] of runs.entries()) {
				if (round >= wanted(size)) continue;
				ours.push(measure({ group: 'twin', name: size, order, maxStates, workers, reductions }));
				const verifier = verifiers.at(i);
				if (verifier) spins.push(verifier.run());
				mustAgree({ size, ours: ours[round], spin: spins.at(round) }, reductions.length > 0);
			}
	} finally {
		for (const verifier of verifiers) verifier.dispose();
	}
	return runs.map(({ size, ours, spins }) => ({
		size,
		ours: best(ours),
		...(spins.length > 0 && { spin: best(spins) }),
	}));
}

/**
 * Throws a BenchError unless everything was visited and is what Spin visits. What reductions leave
 * cannot be compared; there are then no more states than without.
 */
function mustAgree({ size, ours, spin }: TwinRow, reduced: boolean): void {
	const expected = TWIN_SIZES[size];
	if (ours.verdict !== 'complete')
		throw new BenchError(`size ${size}: the exploration is ${ours.verdict}${ours.detail}`);
	if (reduced && ours.states <= expected.states) return;
	for (const what of ['states', 'transitions'] as const) {
		if (ours[what] !== expected[what])
			throw new BenchError(`size ${size}: ${ours[what]} ${what}, not ${expected[what]}`);
		if (spin && spin[what] !== ours[what])
			throw new BenchError(`size ${size}: ${ours[what]} ${what}, and Spin has ${spin[what]}`);
	}
}

/** Throws a BenchError unless each workload and the one after it, with tables, are equal. */
function mustBeEqual(list: Measured[]): Measured[] {
	for (let i = 0; i + 1 < list.length; i += 2)
		for (const what of ['verdict', 'states', 'transitions', 'depth'] as const)
			if (list[i][what] !== list[i + 1][what])
				throw new BenchError(
					`${list[i].name}: ${what} ${list[i][what]}, with tables ${list[i + 1][what]}`,
				);
	return list;
}

async function run(call: Call): Promise<Report> {
	const { order, maxStates, workers, reductions, groups } = call;
	if (call.spin) requireSpin();
	const all = async (group: Group): Promise<Measured[]> => {
		if (!groups.includes(group)) return [];
		const workloads = await workloadsOf(group, maxStates);
		return workloads.map(({ name }) =>
			measure({ group, name, order, maxStates, workers, reductions }),
		);
	};
	return {
		about: `node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}`,
		...(!call.json && !call.spin && { lowering: await loweringTimes() }),
		reductions,
		twin: await twinRows(call),
		scenarios: await all('scenarios'),
		tables: mustBeEqual(await all('tables')),
		toys: await all('toys'),
	};
}

async function main(): Promise<number> {
	try {
		const call = readCall(process.argv.slice(2));
		if (!call) {
			console.log(HELP);
			return 0;
		}
		const report = await run(call);
		console.log(call.json ? jsonReport(report) : textReport(report));
		return 0;
	} catch (e) {
		if (!(e instanceof BenchError)) throw e;
		console.error(`bench: ${e.message}`);
		return e.status;
	}
}

process.exitCode = await main();
