/** The errors of sagas under the names that they have in the source system. */
export {
  AlreadyCommittedError as AlreadyCommittedException,
  AlreadyOnSagaError as AlreadyOnSagaException,
  EmptySagaError as EmptySagaException,
  EmptySagaStepError as EmptySagaStepException,
  MultipleElseThenError as MultipleElseThenException,
  MultipleOnErrorError as MultipleOnErrorException,
  MultipleOnExecuteError as MultipleOnExecuteException,
  MultipleOnFailureError as MultipleOnFailureException,
  MultipleOnSuccessError as MultipleOnSuccessException,
  SagaNotCommittedError as SagaNotCommittedException,
  SagaNotDefinedError as SagaNotDefinedException,
  SagaStepError as SagaStepException,
  UndefinedOnExecuteError as UndefinedOnExecuteException,
} from './definition-errors.ts'
export {
  SagaExecutionAlreadyExecutedError as SagaExecutionAlreadyExecutedException,
  SagaExecutionError as SagaExecutionException,
  SagaExecutionNotFoundError as SagaExecutionNotFoundException,
  SagaFailedExecutionError as SagaFailedExecutionException,
  SagaFailedExecutionStepError as SagaFailedExecutionStepException,
  SagaResponseError as SagaResponseException,
  SagaRollbackExecutionError as SagaRollbackExecutionException,
  SagaRollbackExecutionStepError as SagaRollbackExecutionStepException,
  SagaStepExecutionError as SagaStepExecutionException,
} from './execution-errors.ts'
export { SagaError as SagaException } from './saga-error.ts'
