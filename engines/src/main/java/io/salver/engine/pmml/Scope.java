package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that a part of the file knows, and the steps that compute those of them that are
 * derived. A derived field is compiled when it is first asked for, so that those it needs come
 * before it, and those that nobody needs cost nothing. Used by one thread.
 */
final class Scope {
  private final Build build;
  private final @Nullable Scope parent;
  private final Map<String, Variable> variables = new HashMap<>();
  private final Map<String, Element> derived = new HashMap<>();
  private final Set<String> underWay = new HashSet<>();
  private final List<Step> steps = new ArrayList<>();

  /** No names of its own. */
  Scope(Build build, @Nullable Scope parent) {
    this.build = build;
    this.parent = parent;
  }

  Build build() {
    return build;
  }

  /** Lets {@code name} mean {@code variable}. */
  void put(String name, Variable variable) {
    variables.put(name, variable);
  }

  /** Makes the {@code DerivedField}s in {@code transformations} known. */
  void addDerived(Element transformations) throws ModelLoadException {
    for (Element field : transformations.children()) {
      if (field.is("DerivedField")) {
        if (derived.put(field.get("name"), field) != null) {
          throw field.wrong(
              "name: \"" + field.get("name") + "\" (expected: one that is not taken)");
        }
      } else if (!field.is("DefineFunction")) {
        throw field.wrong(
            "is not supported in <" + transformations.name() + "> (expected: DerivedField)");
      }
    }
  }

  /** The steps that compute the derived fields that were asked for. */
  List<Step> steps() {
    return steps;
  }

  /** Whether the name means something here. */
  boolean knows(String name) {
    return variables.containsKey(name)
        || derived.containsKey(name)
        || parent != null && parent.knows(name);
  }

  /**
   * The variable with a name.
   *
   * @param where asks for it
   */
  Variable get(String name, Element where) throws ModelLoadException {
    Variable known = variables.get(name);
    if (known != null) {
      return known;
    }
    Element field = derived.get(name);
    if (field != null) {
      return derive(name, field);
    }
    if (parent != null) {
      return parent.get(name, where);
    }
    throw where.wrong(
        "field \"" + name + "\" (expected: one that is active in the mining schema, or derived)");
  }

  private Variable derive(String name, Element field) throws ModelLoadException {
    if (!underWay.add(name)) {
      throw field.wrong("field \"" + name + "\" needs itself (expected: no cycle)");
    }
    build.enter(field);
    Typed typed = Expressions.inside(field, this);
    DataType type = DataType.of(field, typed.type());
    Expression expression = Casts.cast(typed, type, field, build);
    build.leave();
    Variable variable = build.newVariable(type);
    int slot = variable.slot();
    steps.add(row -> row.values[slot] = expression.value(row));
    variables.put(name, variable);
    return variable;
  }
}
