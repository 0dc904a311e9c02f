import type { SentenceTable } from '../../sentences.ts';

/** What `doctor` finds, and what it advises. */
export const health: SentenceTable = {
  '{} has {} MiB left on its disk': 'на диске, где {1}, осталось {2} МиБ',
  'Make room there, or choose another folder: YADISKFS_STATE_DIR, YADISKFS_CACHE_DIR.':
    'Освободите там место или выберите другую папку: YADISKFS_STATE_DIR, YADISKFS_CACHE_DIR.',
  '{} can be used': '{1}: папкой можно пользоваться',
  '{} can be made': '{1}: папку можно создать',
  '{} cannot be written to ({})': '{1}: писать нельзя ({2})',
  'yadiskfs unsent list tells what is kept there.': 'Что там хранится, покажет yadiskfs unsent list.',
  'what was changed in {} could not be sent ({})': 'изменённое в {1} не удалось отправить ({2})',
  'changes of {} wait for its next mount ({})': 'изменения {1} ждут следующего подключения ({2})',
  'a file was damaged and set aside: {}': 'файл испортился и отложен: {1}',
  'Look at that disk. yadiskfs unsent list shows what can be rescued; the file may be deleted afterwards.':
    'Проверьте этот диск. Что можно спасти, покажет yadiskfs unsent list; потом файл можно удалить.',
  'what is kept of Disks is whole': 'всё, что хранится о Дисках, цело',
  'the process that served {} is gone': 'процесса, который обслуживал {1}, больше нет',
  "yadiskfs umount '{}', then mount it again.": "yadiskfs umount '{1}', потом подключите снова.",
  'nothing is mounted, and nothing dead is left': 'ничего не подключено, и мёртвых подключений нет',
  'commands cannot find the mount at {}': 'команды не видят Диск в {1}',
  'It belongs to another user, or runs with another YADISKFS_RUNTIME_DIR.':
    'Он принадлежит другому пользователю или работает с другой YADISKFS_RUNTIME_DIR.',
  '{} needs a login': '{1}: нужно войти',
  "yadiskfs resume '{}'": "yadiskfs resume '{1}'",
  '{} is paused': '{1}: отправка приостановлена',
  '{} is off line': '{1}: нет связи',
  '{} answers': '{1} отвечает',
  '{} is there': '{1} на месте',
  '{} is missing': 'нет {1}',
  'sudo modprobe fuse. In a container: start it with --device /dev/fuse --cap-add SYS_ADMIN.':
    'sudo modprobe fuse. В контейнере: запустите его с --device /dev/fuse --cap-add SYS_ADMIN.',
  'fusermount3 is not installed: root mounts without, and cannot unmount':
    'fusermount3 не установлен: root подключит и без него, а отключить не сможет',
  'sudo apt install fuse3 (dnf install fuse3)': 'sudo apt install fuse3 (или dnf install fuse3)',
  'fusermount3 is not installed': 'fusermount3 не установлен',
  'the FUSE binding is there, mended': 'связь с FUSE на месте, с исправлениями',
  'the FUSE binding is there, as it comes: {}': 'связь с FUSE на месте, но без исправлений: {1*}',
  'Install a C compiler (build-essential), then install this program anew.':
    'Установите компилятор C (build-essential), потом эту программу заново.',
  'sudo apt install libfuse2, or a C compiler; then install this program anew.':
    'sudo apt install libfuse2 или компилятор C; потом установите эту программу заново.',
  'the Disk of {} answers': 'Диск пользователя {1*} отвечает',
  'the Disk of {} answers, and is full': 'Диск пользователя {1*} отвечает, но места на нём нет',
  somebody: '(неизвестно)',
  'yadiskfs trash empty gives back what the trash holds.':
    'Место, занятое корзиной, освободит yadiskfs trash empty.',
  'whether the login is good could not be asked': 'хорош ли вход, спросить не удалось',
  'Check the network, the proxy and the firewall. A mount works off line with what is kept here.':
    'Проверьте сеть, прокси и межсетевой экран. Без сети подключённый Диск работает с тем, что хранится здесь.',
  'yadiskfs setup logs in.': 'Войти: yadiskfs setup.',
  'Is the clock right? sudo apt install ca-certificates brings certificates; a proxy that opens connections needs its own: NODE_EXTRA_CA_CERTS.':
    'Верны ли часы? Сертификаты ставит sudo apt install ca-certificates; прокси, который вскрывает соединения, нужен свой: NODE_EXTRA_CA_CERTS.',
  'no host has told the time': 'ни один сервер не назвал время',
  'the clock is right': 'часы идут верно',
  'the clock of this machine is {} s ahead': 'часы этого компьютера спешат на {1} с',
  'the clock of this machine is {} s behind': 'часы этого компьютера отстают на {1} с',
  // What is missing where the binding is not mended
  'dates: a change of the modification time alone does not arrive (touch -m, cp -p, tar), and fractions end at milliseconds':
    'даты: смена одной только даты изменения не доходит (touch -m, cp -p, tar), доли — до миллисекунд',
  'memory: grows slowly while many programs use the mount at once':
    'память: понемногу растёт, пока с Диском работает много программ сразу',
  'new files: how they are opened is not known, so each is prepared for reading and writing':
    'новые файлы: как их открывают, неизвестно, и каждый готовится и к чтению, и к записи',
  'page cache: is dropped at each open': 'кеш страниц: пропадает при каждом открытии',
  'inode numbers and sizes in df: cut to 32 bits': 'номера inode и размеры в df: обрезаются до 32 бит',
  'listings: do not tell files from folders until each is asked for':
    'списки: не отличают файлы от папок, пока не спросишь о каждом',
  'speed: programs that look into one folder at a time wait for each other':
    'скорость: программы, которые смотрят в одну папку, ждут друг друга',
  'names that are not UTF-8: are changed without a word': 'имена не в UTF-8: меняются молча',
  'changes made elsewhere: show only when the kernel asks again by itself':
    'изменения из других мест: видны, только когда ядро само спросит снова',
  'an unmount by somebody else is noticed a second late, and why a mount failed is told on stderr only':
    'чужое отключение замечается на секунду позже, а почему не подключилось, говорится только в stderr',
};
