window.sharedRuns = (window.sharedRuns ?? 0) + 1

export const shared = 'the middle'
