import { describe } from 'node:test'
import { compileAfter } from './compile-when-hot.ts'
import { plainProperties } from './plain-properties.test.support.ts'

compileAfter(Number.POSITIVE_INFINITY)
describe('the fast path', plainProperties)
