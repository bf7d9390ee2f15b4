package io.salver.cli;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * Takes what no engine can serve, if its format is known, so that the version's status says what it
 * is and what to do, in place of that nobody recognises it.
 */
final class UnservedEngine implements Engine {
  private final String name;
  private final Function<Path, Optional<UnservedFormat>> find;

  private UnservedEngine(String name, Function<Path, Optional<UnservedFormat>> find) {
    this.name = name;
    this.find = find;
  }

  /** To be asked before all engines: they would take a pointer for a broken model. */
  static UnservedEngine ofPointers() {
    return new UnservedEngine("pointer", UnservedFormat::findPointer);
  }

  /** To be asked after all engines. */
  static UnservedEngine ofOtherFormats() {
    return new UnservedEngine("unserved", UnservedFormat::find);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return find.apply(files.directory())
        .<Inspection>map(format -> new Inspection.Refused(format.message()))
        .orElseGet(Inspection.NotMine::new);
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    throw new ModelLoadException(files + ": no engine (expected: one that loads them)");
  }

  @Override
  public void close() {}
}
