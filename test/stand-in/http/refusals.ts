import type { Refusal, RefusalCode } from '../model/refusal.ts';
import type { Settings } from '../settings.ts';
import type { Reply } from '../wire/index.ts';

interface Wording {
  readonly status: number;
  readonly description: (path: string) => string;
  readonly message: (path: string) => string;
}

const fixed = (status: number, description: string, message: string): Wording => ({
  status,
  description: () => description,
  message: () => message,
});

/** Status and words of each refusal. The texts of the recorded ones are the recorded texts. */
const wordings: Readonly<Record<RefusalCode, Wording>> = {
  FieldValidationError: {
    status: 400,
    description: (field) => `Error validating field "${field}": This field is not valid.`,
    message: (field) => `Ошибка проверки поля "${field}": Некорректное значение.`,
  },
  UnauthorizedError: fixed(401, 'Unauthorized', 'Не авторизован.'),
  ForbiddenError: fixed(
    403,
    'Forbidden',
    'Доступ запрещён. Возможно, у приложения недостаточно прав для данного действия.',
  ),
  DiskUnsupportedUserAccountTypeError: fixed(
    403,
    'User account type is not supported.',
    'Тип аккаунта пользователя не поддерживается.',
  ),
  DiskSymlinkPasswordRequiredError: fixed(403, 'Password required', 'Требуется пароль'),
  DiskAccountOverQuotaError: fixed(
    403,
    'API is unavailable: files take more space than you have.',
    'API недоступно. Ваши файлы занимают больше места, чем у вас есть.',
  ),
  DiskNotFoundError: fixed(404, 'Resource not found.', 'Не удалось найти запрошенный ресурс.'),
  DiskOperationNotFoundError: fixed(404, 'Operation not found.', 'Не удалось найти  операцию.'),
  NotFoundError: fixed(404, 'Not Found', 'Ресурс не найден.'),
  MethodNotAllowedError: fixed(405, 'Method Not Allowed', 'Метод не поддерживается.'),
  NotAcceptableError: fixed(406, 'Not Acceptable', 'Ресурс не может быть представлен в запрошенном формате.'),
  DiskPathDoesntExistsError: {
    status: 409,
    description: (path) => `Specified path "${path}" doesn't exists.`,
    message: (path) => `Указанного пути "${path}" не существует.`,
  },
  DiskPathPointsToExistentDirectoryError: {
    status: 409,
    description: (path) => `Specified path "${path}" points to existent directory.`,
    message: (path) => `По указанному пути "${path}" уже существует папка с таким именем.`,
  },
  DiskResourceAlreadyExistsError: {
    status: 409,
    description: (path) => `Resource "${path}" already exists.`,
    message: (path) => `Ресурс "${path}" уже существует.`,
  },
  MD5DifferError: fixed(
    409,
    'Specified MD5 differs from the MD5 of the resource.',
    'Указанный MD5 отличается от MD5 ресурса.',
  ),
  DiskFileSizeLimitExceededError: fixed(
    413,
    'Uploaded file is too large.',
    'Загружаемый файл слишком большой.',
  ),
  DiskResourceLockedError: {
    status: 423,
    description: (path) => `Resource "${path}" is locked by another operation.`,
    message: (path) => `Ресурс "${path}" заблокирован. Возможно, над ним выполняется другая операция.`,
  },
  DiskUploadTrafficLimitExceeded: fixed(
    423,
    'Upload traffic limit has been reached.',
    'Превышен лимит на загрузку файлов.',
  ),
  TooManyRequestsError: fixed(429, 'Too Many Requests', 'Слишком много запросов.'),
  InternalServerError: fixed(500, 'Internal Server Error', 'Произошла внутренняя ошибка сервера.'),
  DiskStorageQuotaExhaustedError: fixed(
    507,
    'Storage quota has been exhausted.',
    'Недостаточно свободного места.',
  ),
  DiskNotEnoughFreeSpaceError: fixed(507, 'Not enough free space.', 'Недостаточно свободного места.'),
};

/** The status that goes with a refusal. */
export function refusalStatus(refusal: Refusal): number {
  return refusal.status ?? wordings[refusal.code].status;
}

/** The reply of the API to a refused request. */
export function refusalReply(refusal: Refusal, settings: Settings): Reply {
  const wording = wordings[refusal.code];
  const body = {
    message: wording.message(refusal.path),
    description: wording.description(refusal.path),
    error: refusal.code === 'DiskAccountOverQuotaError' ? 'ForbiddenError' : refusal.code,
  };
  const bytes = Buffer.from(JSON.stringify(body));
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': bytes.length,
  };
  if (refusal.code === 'TooManyRequestsError' && settings.retryAfterSeconds !== null) {
    headers['retry-after'] = settings.retryAfterSeconds;
  }
  return { status: refusalStatus(refusal), headers, body: bytes };
}
