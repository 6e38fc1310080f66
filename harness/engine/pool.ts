// SPDX-License-Identifier: GPL-2.0-only
/**
 * Jobs on all processors. A job is the name of a function and one argument, plain data; the
 * functions are those that the worker's entry module hands to serve():
 *
 *	// worker.ts                             // elsewhere
 *	const jobs = { check };                  const pool = new Pool<typeof jobs>({ worker: url });
 *	export type Jobs = typeof jobs;          await pool.map('check', scenarios);
 *	serve(jobs);                             await pool.close();
 *
 * A job gets one answer, whatever happens: its value, its error, or the death of its worker.
 */
import { availableParallelism } from 'node:os';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { StopSignal } from './result.ts';

export interface JobContext {
	/** set by Pool.stop(): the job must end early, with what it has */
	signal: StopSignal;
	progress(value: unknown): void;
}
// biome-ignore lint/suspicious/noExplicitAny: a job's argument is whatever its function says
export type Job = (argument: any, context: JobContext) => unknown;
export type Jobs = Record<string, Job>;

interface Request {
	id: number;
	run: string;
	argument: unknown;
}
type Answer =
	| { id: number; progress: unknown }
	| { id: number; value: unknown }
	| { id: number; error: { name: string; message: string; stack?: string } };

/** A job threw: `remote` is what it threw, with the stack of its thread. */
export class JobError extends Error {
	constructor(
		readonly job: string,
		readonly remote: { name: string; message: string; stack?: string },
	) {
		super(`${job}: ${remote.message}`, { cause: remote.stack });
		this.name = 'JobError';
	}
}
/** A worker ended in the middle of a job. */
export class WorkerDied extends Error {
	constructor(
		readonly job: string,
		reason: string,
	) {
		super(`${job}: its worker died: ${reason}`);
		this.name = 'WorkerDied';
	}
}

export interface PoolOptions {
	/** the worker's entry: a .ts file when run from the sources, else a bundled .js file */
	worker: URL;
	/** how many workers; by default one for each processor */
	size?: number;
}

interface Pending {
	id: number;
	run: string;
	/** its name in messages */
	name: string;
	argument: unknown;
	onProgress?: (value: unknown) => void;
	resolve(value: unknown): void;
	reject(error: Error): void;
}

type Argument<F extends Job> = Parameters<F>[0];
type Value<F extends Job> = Awaited<ReturnType<F>>;

export class Pool<F extends Jobs> {
	readonly size: number;
	readonly #url: URL;
	readonly #stop = new Int32Array(new SharedArrayBuffer(4));
	readonly #idle: Hand[] = [];
	readonly #hands = new Set<Hand>();
	readonly #queue: Pending[] = [];
	#jobs = 0;
	#closed = false;

	constructor(options: PoolOptions) {
		this.#url = options.worker;
		this.size = Math.max(1, options.size ?? availableParallelism());
	}

	/** Runs one job. `name`: its name in error messages. */
	submit<K extends keyof F & string>(
		run: K,
		argument: Argument<F[K]>,
		options: { name?: string; onProgress?: (value: unknown) => void } = {},
	): Promise<Value<F[K]>> {
		if (this.#closed) return Promise.reject(new Error('the pool is closed'));
		return new Promise((resolve, reject) => {
			this.#queue.push({
				id: this.#jobs++,
				run,
				name: options.name ?? run,
				argument,
				onProgress: options.onProgress,
				resolve: resolve as (value: unknown) => void,
				reject,
			});
			this.#dispatch();
		});
	}

	/**
	 * Runs a job for each argument; the values in the order of the arguments. If jobs fail, those
	 * that have not begun are dropped, the others are waited for, and the first one's error is
	 * thrown.
	 */
	async map<K extends keyof F & string>(
		run: K,
		list: readonly Argument<F[K]>[],
		options: {
			name?: (argument: Argument<F[K]>, index: number) => string;
			onProgress?: (index: number, value: unknown) => void;
			/** as each ends, in whatever order */
			onResult?: (index: number, value: Value<F[K]>) => void;
		} = {},
	): Promise<Value<F[K]>[]> {
		const { name, onProgress, onResult } = options;
		const first = this.#jobs;
		const last = first + list.length;
		const settled = await Promise.allSettled(
			list.map(async (argument, i) => {
				try {
					const value = await this.submit(run, argument, {
						name: name?.(argument, i) ?? `${run} ${i + 1} of ${list.length}`,
						onProgress: (v) => onProgress?.(i, v),
					});
					onResult?.(i, value);
					return value;
				} catch (e) {
					this.#drop((job) => job.id >= first && job.id < last);
					throw e;
				}
			}),
		);
		return settled.map((s) => {
			if (s.status === 'rejected') throw s.reason;
			return s.value;
		});
	}

	/** Tells all jobs, begun or not, to end early. */
	stop(): void {
		Atomics.store(this.#stop, 0, 1);
	}

	/** Ends the workers; jobs that have no answer yet get an error. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#drop(() => true);
		await Promise.all([...this.#hands].map((hand) => hand.end()));
	}

	#drop(which: (job: Pending) => boolean): void {
		for (const job of this.#queue.filter(which)) {
			this.#queue.splice(this.#queue.indexOf(job), 1);
			job.reject(new Error(`${job.name}: did not start`));
		}
	}

	#dispatch(): void {
		while (this.#queue.length > 0) {
			let hand = this.#idle.pop();
			if (!hand) {
				if (this.#hands.size >= this.size) return;
				hand = new Hand(this.#url, this.#stop.buffer as SharedArrayBuffer, {
					free: (h) => {
						this.#idle.push(h);
						this.#dispatch();
					},
					dead: (h) => {
						this.#hands.delete(h);
						const i = this.#idle.indexOf(h);
						if (i >= 0) this.#idle.splice(i, 1);
						if (!this.#closed) this.#dispatch();
					},
				});
				this.#hands.add(hand);
			}
			const job = this.#queue.shift();
			if (job) hand.begin(job);
		}
	}
}

/** One worker, and its job. */
class Hand {
	readonly #worker: Worker;
	#job?: Pending;
	/** the first news of its end */
	#death?: string;

	constructor(
		url: URL,
		stop: SharedArrayBuffer,
		readonly on: { free(hand: Hand): void; dead(hand: Hand): void },
	) {
		this.#worker = startWorker(url, stop);
		this.#worker.on('message', (answer: Answer) => this.#hear(answer));
		this.#worker.on('messageerror', (e) => {
			this.#death ??= `its answer could not be read: ${e.message}`;
			this.end();
		});
		this.#worker.on('error', (e) => {
			this.#death ??= e?.message ?? String(e);
		});
		this.#worker.on('exit', (code) => {
			const job = this.#job;
			this.#job = undefined;
			this.on.dead(this);
			job?.reject(new WorkerDied(job.name, this.#death ?? `it ended with code ${code}`));
		});
	}

	begin(job: Pending): void {
		this.#job = job;
		this.#worker.ref();
		try {
			const request: Request = { id: job.id, run: job.run, argument: job.argument };
			this.#worker.postMessage(request);
		} catch (e) {
			this.#free();
			job.reject(new Error(`${job.name}: its argument is not plain data: ${(e as Error).message}`));
		}
	}

	async end(): Promise<void> {
		this.#death ??= 'the pool was closed';
		await this.#worker.terminate();
	}

	#hear(answer: Answer): void {
		const job = this.#job;
		if (!job || answer.id !== job.id) return;
		if ('progress' in answer) {
			job.onProgress?.(answer.progress);
			return;
		}
		this.#free();
		if ('error' in answer) job.reject(new JobError(job.name, answer.error));
		else job.resolve(answer.value);
	}

	#free(): void {
		this.#job = undefined;
		// An idle worker does not keep the process alive; a worker that is being closed must.
		if (this.#death === undefined) this.#worker.unref();
		this.on.free(this);
	}
}

function startWorker(url: URL, stop: SharedArrayBuffer): Worker {
	const data = { vfshookStop: stop };
	if (!url.pathname.endsWith('.ts')) return new Worker(url, { workerData: data });
	// tsx does not work in threads by itself.
	const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
	const start = `import(${tsx}).then((t) => (t.register(), import(${JSON.stringify(url.href)})))`;
	return new Worker(start, { eval: true, workerData: data });
}

/** The worker's entry module calls it, once. Does nothing in the main thread. */
export function serve(jobs: Jobs): void {
	const port = parentPort;
	if (!port || !workerData?.vfshookStop) return;
	const stop = new Int32Array(workerData.vfshookStop as SharedArrayBuffer);
	const signal: StopSignal = {
		get aborted() {
			return Atomics.load(stop, 0) !== 0;
		},
	};
	port.on('message', async ({ id, run, argument }: Request) => {
		const send = (answer: Answer) => port.postMessage(answer);
		try {
			if (!Object.hasOwn(jobs, run))
				throw new Error(`no job ${run}; there are ${Object.keys(jobs).join(', ')}`);
			const progress = (value: unknown) => send({ id, progress: value });
			send({ id, value: await jobs[run](argument, { signal, progress }) });
		} catch (e) {
			const { name, message, stack } = e instanceof Error ? e : new Error(String(e));
			send({ id, error: { name, message, stack } });
		}
	});
}
