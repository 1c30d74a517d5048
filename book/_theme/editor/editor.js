// The editor of live cells: of CodeMirror, what a cell of Python needs. `npm run build` here makes ../casebook/static/live-editor.js.
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { EditorView, keymap, Decoration } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentMore, indentLess } from "@codemirror/commands";
import { indentUnit, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { pythonLanguage } from "@codemirror/lang-python";
import { classHighlighter } from "@lezer/highlight";

const fault = StateEffect.define();
const faults = StateField.define({
  create: () => Decoration.none,
  update(marks, change) {
    if (change.docChanged) marks = Decoration.none; // the line may be another by now
    for (const effect of change.effects) {
      if (!effect.is(fault)) continue;
      const doc = change.state.doc, line = effect.value;
      marks = line && line <= doc.lines ? Decoration.set([Decoration.line({ class: "live-fault" }).range(doc.line(line).from)]) : Decoration.none;
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// one line in: Tab indents, Shift+Enter runs, Escape leaves
function indent(view) {
  const { state } = view;
  if (state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  view.dispatch(state.update(state.replaceSelection("    "), { scrollIntoView: true, userEvent: "input" }));
  return true;
}

export function edit(parent, text, { label, help, run, leave, changed }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        history(), bracketMatching(), indentOnInput(), indentUnit.of("    "), pythonLanguage, faults,
        syntaxHighlighting(classHighlighter),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": help, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => { if (update.docChanged) changed(update.state.doc.toString()); }),
        keymap.of([
          { key: "Shift-Enter", run: () => { run(); return true; } },
          { key: "Escape", run: () => { leave(); return true; } },
          { key: "Tab", run: indent, shift: indentLess },
          ...historyKeymap, ...defaultKeymap,
        ]),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    set: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    fault: (line) => view.dispatch({ effects: fault.of(line) }),
    focus: () => view.focus(),
  };
}
