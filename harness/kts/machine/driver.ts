// SPDX-License-Identifier: GPL-2.0-only
/**
 * The fixed part of a machine's code: journalled writes, traps, pools, and the step driver.
 *
 * A step resumes the innermost function of a task; when that returns without being suspended
 * again, its caller is resumed with the value, and so on. Frames that the step does not reach are
 * not touched. Unused words of the stack are set to zero once, when the step is over.
 *
 * Writes beyond the end of the journal are not journalled, and cannot be undone: a step or a
 * write() with so many writes ends the run with an error that names it.
 *
 * A wait condition that traps makes its task ready: step() evaluates it again and throws. `wary`
 * keeps that off the path of machines in which it never happened.
 *
 * `owners`, by address: the address of the "allocated" word of its slot, 0 if it is in none.
 * nzSlot() is only for structs that are slots, or like slots.
 *
 * State is in `var`s: with `let`, functions check at each use whether it has been declared. W()
 * makes the address an int, since V8 does not know the type of a parameter.
 *
 * The tokens in it are described in plan.ts.
 */

export const RUNTIME = `'use strict';
const {mem,journalAddress:jA,journalOld:jO,journalNew:jN,marks,rom,base,violation,isViolation,write:log,overrun,freed,owners:OWN,arcs,arc,caller,chain}=host;
const {functionOf:FN,caseOf:PC,sizeOf:SIZE,isCall:CALL,asks:ASKS}=host.sites,JOURNAL=jA.length;
var jn=0,susp=0,top=0,running=-1,from=0,logging=false,wary=false,spawned=[];
function W(a,v){@!@const o=mem[a];if(o!==v){jA[jn]=a|0;jO[jn]=o;jN[jn]=v;jn++;mem[a]=v;}return v;}
function stepNew(a,d){return W(a,@(@a@)@+d|0);}
function stepOld(a,d){const o=@(@a@)@;W(a,o+d|0);return o;}
function trap(k){if(jn>JOURNAL&&running>=0)full();throw violation(k);}
function full(){throw overrun(running,from,jn);}
function lockOrder(held,taken){const to=31-Math.clz32(taken),more=held&~arcs[to];if(more!==0)arc(more,to,running);return 0;}
function lost(f,pc){throw new Error('internal error: '+f+' was resumed at '+pc);}
function nz(p,k){if(p===0)trap(k);return p;}
function nzSlot(p,k){if(p===0||@(@p-1@)@===0)gone(p,k);return p;}
function nzAny(p,k){const o=OWN[p];if(p===0||(o!==0&&@(@o@)@===0))gone(p,k);return p;}
function V(a,v,k){nzAny(a,k);return W(a,v);}
function gone(p,k){if(p===0||(jn>JOURNAL&&running>=0))trap(k);throw freed(k,p);}
function ix(i,n,k){if(i<0||i>=n)trap(k);return i;}
function natural(n,k){if(n<0)trap(k);return n;}
function div(a,b,k){if(b===0)trap(k);return a/b|0;}
function mod(a,b,k){if(b===0)trap(k);return a%b|0;}
function readRom(i,k){if(i<0||i>=rom.length)trap(k);return rom[i];}
function slotOf(a,n,e,i,k){const s=a+ix(i,n,k)*e;return @(@s@)@===0?0:s+1;}
function allocate(a,n,e){for(let i=0;i<n;i++,a+=e)if(@(@a@)@===0){W(a,1);return a+1;}return 0;}
function release(a,n,e,p,reset,k){
const s=p-1;if(s<a||s>=a+n*e||(s-a)%e!==0||@(@s@)@!==1)trap(k);
W(s,0);
reset(p);}
function endTask(t,k){
if(t<0||t>=base.length||t===running)trap(k);
const first=base[t];
let end=first,site=mem[first];
if(site===-1)return 0;
while(CALL[site]!==0){end+=SIZE[site];site=mem[end];}
end+=SIZE[site];
W(first,-1);
for(let a=first+1;a<end;a++)W(a,0);
return 0;}
function spawn(name,node,js,args){return spawned.push({name,node,js,args})-1;}
`;

export const DRIVER = `
function ready(t){
let fp=base[t],site=mem[fp];
if(site===-1)return -2;
while(CALL[site]!==0){fp+=SIZE[site];site=mem[fp];}
if(ASKS[site]===0)return 1;
try{return ask(FN[site],fp,PC[site]);}
catch(e){if(!isViolation(e))throw e;wary=true;return 1;}}
function step(t,choice){
const first=base[t];
let fp=first,site=mem[fp],depth=0;
while(CALL[site]!==0){chain[depth++]=fp;fp+=SIZE[site];site=mem[fp];}
const end=fp+SIZE[site];
if(wary&&ASKS[site]!==0)ask(FN[site],fp,PC[site]);
running=t;from=site;susp=0;
let r=resume(FN[site],fp,PC[site],choice);
while(susp===0&&depth>0){fp=chain[--depth];site=mem[fp];r=resume(FN[site],fp,PC[site],r);}
if(susp===0){W(first,-1);top=first+1;}
for(let a=top;a<end;a++)W(a,0);
if(jn>JOURNAL)full();
running=-1;}
function write(a,v){if(jn>=JOURNAL)full();return W(a,v);}
function undo(){for(let i=jn-1;i>=0;i--)mem[jA[i]]=jO[i];jn=0;}
return {ready,step,undo,write,
start(){mem.fill(0);for(const a of host.guards)mem[a]=1;jn=0;spawned=[];running=-1;init$globals();init();jn=0;return spawned;},
journalLength:()=>jn,forget(){jn=0;},setLogging(on){logging=on;},running:()=>running,
booted,finished,check,checkState,checkEnd};
`;
