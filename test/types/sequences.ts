/** Programs that must not compile: `// error TS<code>` stands on the line of each error. */
import { limits } from '../../src/limits.ts'

// The bounds are fixed.
limits.domainLengthMax = 65 // error TS2540

export const bound: number = limits.domainLengthMax
