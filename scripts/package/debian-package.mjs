/**
 * A Debian package of the packaged folder, by Debian's own tool. It has no script of its own: all it brings are
 * files, so that nothing is left when it is removed. `chrome-sandbox` carries its mode in the package: whether a user
 * may make namespaces cannot be found out by root at installation.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { iconSizes } from './icons.mjs'

const PLACE = 'opt/rlhf-studio'
const architectures = { x64: 'amd64', arm64: 'arm64' }

/** What Electron and ONNX Runtime are linked to; names before and after Debian's change of time_t. */
const depends = [
  'libc6 (>= 2.28)',
  'libstdc++6 (>= 8)',
  'libgtk-3-0 | libgtk-3-0t64',
  'libnss3 (>= 2:3.26)',
  'libasound2 | libasound2t64',
  'libatspi2.0-0 | libatspi2.0-0t64',
  'libcups2 | libcups2t64',
  'libgbm1',
  'libdrm2',
  'libxkbcommon0',
  'libxcomposite1',
  'libxdamage1',
  'libxrandr2',
]

/**
 * @param folder what electron-builder made; it is moved into the package's tree and back
 * @returns path of the package
 */
export function debianPackage(folder, release, about) {
  const architecture = architectures[about.machine]
  const tree = path.join(release, 'debian')
  fs.rmSync(tree, { recursive: true, force: true })
  const file = path.join(release, `${about.name}_${about.version}_${architecture}.deb`)
  const place = path.join(tree, PLACE)
  fs.mkdirSync(path.dirname(place), { recursive: true })
  fs.renameSync(folder, place)
  try {
    fs.chmodSync(path.join(place, 'chrome-sandbox'), 0o4755)
    aroundIt(tree, about)
    const kilobytes = Math.ceil(bytesUnder(tree) / 1024)
    write(path.join(tree, 'DEBIAN/control'), control(about, architecture, kilobytes))
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  } finally {
    fs.renameSync(place, folder)
    fs.rmSync(tree, { recursive: true, force: true })
  }
  return file
}

/** The commands, the entry in the menu, the pictures for it, the licence where Debian looks for it. */
function aroundIt(tree, { name, title, description }) {
  for (const [command, to] of [
    ['rlhf-studio', 'rlhf-studio'],
    ['studio', 'resources/bin/studio'],
  ])
    link(path.join(tree, 'usr/bin', command), `/${PLACE}/${to}`)
  write(path.join(tree, `usr/share/applications/${name}.desktop`), desktopEntry(name, title, description))
  for (const size of iconSizes)
    copy(
      path.join(import.meta.dirname, `icons/${size}.png`),
      path.join(tree, `usr/share/icons/hicolor/${size}x${size}/apps/${name}.png`),
    )
  copy(path.join(import.meta.dirname, '../../LICENSE'), path.join(tree, `usr/share/doc/${name}/copyright`))
}

/** WM_CLASS of Electron's windows is the entry's name: without it a dock shows a window without its icon. */
const desktopEntry = (name, title, description) => `[Desktop Entry]
Type=Application
Name=${title}
Comment=${description}
Exec=/${PLACE}/rlhf-studio
Icon=${name}
Terminal=false
Categories=Development;Science;
StartupWMClass=${name}
`

const control = ({ name, version, description }, architecture, kilobytes) => `Package: ${name}
Version: ${version}
Architecture: ${architecture}
Maintainer: RLHF Studio <rlhf-studio@localhost>
Installed-Size: ${kilobytes}
Depends: ${depends.join(', ')}
Recommends: libvulkan1, xdg-utils
Section: science
Priority: optional
Description: ${description.split('.')[0]}
 ${description}
`

function bytesUnder(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + fs.statSync(path.join(entry.parentPath, entry.name)).size, 0)
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true })
  fs.copyFileSync(from, to)
}

function link(file, to) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.symlinkSync(to, file)
}
