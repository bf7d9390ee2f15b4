package io.salver.cli;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;

/** In place of an engine whose plug-in is not there: knows its models, and says what they need. */
record AbsentPlugin(PluginFormat format) implements Engine {
  @Override
  public String name() {
    return format.engine();
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return format
        .find(files)
        .<Inspection>map(file -> new Inspection.Refused(file + ": " + whatIsNeeded()))
        .orElseGet(Inspection.NotMine::new);
  }

  private String whatIsNeeded() {
    return "a %s model, for which the plug-in \"%s\" is not installed (run: ./salver plugin %s, and start again)"
        .formatted(format.title(), format.plugin(), format.plugin());
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    throw new ModelLoadException(files + ": " + whatIsNeeded());
  }

  @Override
  public void close() {}
}
