// Programs that must not compile, each refused where the mistake is.
import { compensating } from '../../../src/workflow/compensating.ts'
import { CompensationPrimitive } from '../../../src/workflow/compensation-primitive.ts'
import { route } from '../../../src/workflow/router-primitive.ts'
import { sequential } from '../../../src/workflow/workflow-primitive.ts'

const a = async (d: { email: string }) => ({ ...d, userId: 1 })
const undoA = async (_d: { userId: number }): Promise<void> => undefined
const b = async (d: { userId: number }) => ({ ...d, sent: true })
const c = async (d: { orderId: string }) => d
const wrongUndo = async (_d: { userId: string }): Promise<void> => undefined

export const wrongCompensation = new CompensationPrimitive([
  [a, wrongUndo], // error TS2769
  [b, null],
])
export const wrongChain = new CompensationPrimitive([
  [a, undoA],
  [c, null], // error TS2769
  [b, null], // error TS2769
])
export const empty = new CompensationPrimitive([]) // error TS2769
export const wrongInput = new CompensationPrimitive([
  [a, undoA],
  [b, null],
]).execute({ mail: 'x' }) // error TS2561
export const missing = new CompensationPrimitive([
  [a, undoA],
  [undefined, null], // error TS2769
])
export const triple = new CompensationPrimitive([[a, undoA, 3]]) // error TS2769, TS2769, TS2769
export const unknownField = new CompensationPrimitive([
  [a, undoA],
  [async (d) => d.orderId, null], // error TS2339
])
export const unknownInUndo = new CompensationPrimitive([
  [a, undoA],
  [b, (d) => d.chargeId], // error TS2339
])
export const misspelt = new CompensationPrimitive([[a, undoA]], {
  continueOnCompensationFailures: true, // error TS2769
})
export const wrongInOptions = new CompensationPrimitive({
  primitives: [[a, wrongUndo]], // error TS2769
})
export const wrongInObject = new CompensationPrimitive([
  { run: a, compensate: (d) => d.nope }, // error TS2339
  { run: b },
])
export const seconds = new CompensationPrimitive([{ run: a, timeout: 10 }]) // error TS2769
export const undoBehindPivot = compensating('x').pivot(a).step(b, undoA) // error TS2345
export const wrongStep = compensating('x').step(a).step(c) // error TS2769
export const wrongNeighbours = sequential(a, c) // error TS2345
export const wrongDefault = route({ routes: { x: a }, select: () => 'x', defaultRoute: 'y' }) // error TS2322
export const wrongRoute = route({ routes: { x: a }, select: () => 'y' }) // error TS2322
