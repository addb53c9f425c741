// Where a list that follows what is typed stands: near it, and inside the window.

// The box of the last `length` letters before the cursor; asking the editor for its cursor's place
// would change its text.
export function boxOf({ node, at }, length) {
  const range = document.createRange();
  range.setStart(node, at - length);
  range.setEnd(node, at);
  return range.getBoundingClientRect();
}

export function placeNear(menu, box) {
  const { width, height } = menu.getBoundingClientRect();
  const below = box.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, box.top - height - 4) : below;
  menu.style.setProperty("left", `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`);
  menu.style.setProperty("top", `${top}px`);
}
