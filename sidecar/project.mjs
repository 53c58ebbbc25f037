// SPDX-License-Identifier: MIT

/*
 * The project that the sidecar works for: what its package.json names, and its packages. Nothing
 * here is bundled with orbiton: a compiler that a project has not installed is an error that names
 * the command.
 */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ViteConfig } from './vite_config.mjs';

/** A package that is needed and not there; `install` is what to install. */
export class MissingPackage extends Error {
    constructor(install, what) {
        super(`${what} needs ${install}, which is not installed; run: npm install -D ${install}`);
        this.install = install;
    }
}

function readJson(path) {
    try {
        return JSON.parse(readFileSync(path, 'utf8'));
    } catch {
        return null;
    }
}

/** What Vite and its plugins bring along. pnpm has it where these find it and the project does not. */
const BROUGHT = ['rolldown', 'lightningcss', 'postcss', 'esbuild', '@babel/core', 'react-refresh'];
const hidden = (name) => `.pnpm/node_modules/${name}`;

/** The package of a bare name: "a/b" is a part of "a", "@a/b/c" of "@a/b". */
export const packageOf = (specifier) => specifier.split('/').slice(0, specifier[0] === '@' ? 2 : 1).join('/');

export class Project {
    /** `load` is import() from the project's folder; `workspace` the folder around it, if there is one. */
    constructor(root, load, workspace = null) {
        this.root = root;
        this.workspace = workspace;
        this.importOwn = load;
        this.viteConfig = new ViteConfig(this);
    }

    /** import() as the project's own code has it, and of what Vite has brought along. */
    async load(specifier) {
        const name = packageOf(specifier);
        const folder = BROUGHT.includes(name) && this.#find(name) === null ? this.folderOf(name) : null;
        return this.importOwn(folder
            ? pathToFileURL(createRequire(join(folder, 'package.json')).resolve(specifier)).href : specifier);
    }

    /** The folder of an installed package, looked for as Node does; null if it is not there. */
    folderOf(name) {
        return this.#find(name) ?? (BROUGHT.includes(name) ? this.#find(hidden(name)) : null);
    }

    #find(name) {
        for (let folder = this.root; ; folder = dirname(folder)) {
            const found = join(folder, 'node_modules', name);
            if (existsSync(join(found, 'package.json'))) {
                return found;
            }
            if (folder === dirname(folder)) {
                return null;
            }
        }
    }

    /** The URL that the page has a file of a package by; null if it has none. */
    urlOf(path) {
        for (const [folder, prefix] of [[this.root, ''], [this.workspace, '/@workspace']]) {
            const inner = folder && relative(folder, path);
            if (inner && !inner.startsWith('..')) {
                return `${prefix}/${inner}`;
            }
        }
        return null;
    }

    /** Whether the project's own code comes to the package by its name. */
    isFound(name) {
        return this.#find(name) !== null;
    }

    has(name) {
        return this.folderOf(name) !== null;
    }

    versionOf(name) {
        const folder = this.folderOf(name);
        return (folder && readJson(join(folder, 'package.json'))?.version) || 'unknown';
    }

    /** Whether the project's package.json names the package. */
    dependsOn(name) {
        const manifest = this.manifest();
        return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
            .some((field) => Object.hasOwn(manifest[field] ?? {}, name));
    }

    /** A module of a package, or MissingPackage; `what` is what needs it. */
    async need(specifier, what) {
        const name = packageOf(specifier);
        if (!this.has(name)) {
            throw new MissingPackage(name, what);
        }
        return this.load(specifier);
    }

    /** The first of these files that is there, absolute; null if none is. */
    find(names) {
        return names.map((name) => join(this.root, name)).find((path) => existsSync(path)) ?? null;
    }

    /** A file of the project as a module; `version` makes it anew. */
    async loadFile(path, version = '') {
        const url = pathToFileURL(resolve(this.root, path)).href;
        return this.load(version ? `${url}?${version}` : url);
    }

    /** The folder's package.json as it is now; an empty object if there is none. */
    manifest() {
        return readJson(join(this.root, 'package.json')) || {};
    }
}
