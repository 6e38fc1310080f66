// SPDX-License-Identifier: GPL-2.0-only
/**
 * Expressions whose value is known before the program runs, and the arithmetic of 32-bit ints.
 *
 * Interface: fold arithmetic isShift
 */
import { SHIFT_MAX } from '../world/isa.ts';
import type { BinaryOp, Expr } from './ast.ts';
import { CONSTANTS, constantValue, INT_SIZE, POINTERS } from './constants.ts';

/** The value of a constant expression; undefined if it is not constant, or has no value. */
export function fold(e: Expr): number | undefined {
	switch (e.kind) {
		case 'int':
			return constantValue(e.text);
		case 'sizeof':
			return INT_SIZE;
		case 'name':
			return CONSTANTS.get(e.name) ?? POINTERS.get(e.name);
		case 'unary': {
			if (e.op === '-' && e.operand.kind === 'int') return constantValue(`-${e.operand.text}`);
			const v = fold(e.operand);
			if (v === undefined) return undefined;
			if (e.op === '-') return -v | 0;
			if (e.op === '~') return ~v;
			return e.op === '!' ? Number(v === 0) : v;
		}
		case 'binary': {
			const left = fold(e.left);
			// If the first operand decides, the second is not evaluated.
			if (left !== undefined && e.op === '&&' && left === 0) return 0;
			if (left !== undefined && e.op === '||' && left !== 0) return 1;
			const right = fold(e.right);
			return left === undefined || right === undefined ? undefined : arithmetic(e.op, left, right);
		}
		case 'conditional': {
			const test = fold(e.test);
			return test === undefined ? undefined : fold(test !== 0 ? e.then : e.else);
		}
		default:
			return undefined;
	}
}

/** Can an int be shifted by so many bits? Other numbers are undefined in C. */
export const isShift = (bits: number): boolean => bits >= 0 && bits <= SHIFT_MAX;

/**
 * Undefined for a division by zero, for the one quotient that does not fit an int, and for a shift
 * by too many bits, or by less than 0.
 */
export function arithmetic(op: BinaryOp, a: number, b: number): number | undefined {
	switch (op) {
		case '*':
			return Math.imul(a, b);
		case '/':
			return b === 0 || (b === -1 && a === -(2 ** 31)) ? undefined : (a / b) | 0;
		case '%':
			return b === 0 || (b === -1 && a === -(2 ** 31)) ? undefined : (a % b) | 0;
		case '+':
			return (a + b) | 0;
		case '-':
			return (a - b) | 0;
		case '<<':
			return isShift(b) ? a << b : undefined;
		case '>>':
			return isShift(b) ? a >> b : undefined;
		case '<':
			return Number(a < b);
		case '<=':
			return Number(a <= b);
		case '>':
			return Number(a > b);
		case '>=':
			return Number(a >= b);
		case '==':
			return Number(a === b);
		case '!=':
			return Number(a !== b);
		case '&':
			return a & b;
		case '^':
			return a ^ b;
		case '|':
			return a | b;
		case '&&':
			return Number(a !== 0 && b !== 0);
		case '||':
			return Number(a !== 0 || b !== 0);
	}
}
