import { describe } from 'node:test'
import { compileAfter } from './compile-when-hot.ts'
import { plainProperties } from './plain-properties.test.support.ts'

compileAfter(0)
describe('the fast path with compiled code', plainProperties)
