const a = `${{ a: `${`}` + import("yes1")}` }.a} $ { \${import("no1")} \` $${1}`;
a`tag${(() => { return `x${/}`/.test(a)}` })()}`.x`y` / import("yes2") / 1;
`\u{41}
${a}${a}` ; `/* ${/* ` */ import("yes3") // `
}*/ import("no2")`;
