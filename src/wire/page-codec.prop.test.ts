import { describe } from 'node:test'
import { compileAfter } from './codec/compile-when-hot.ts'
import { pageCodecProperties } from './page-codec-properties.test.support.ts'

compileAfter(Number.POSITIVE_INFINITY)
describe('an event page', pageCodecProperties)
