package io.salver.engine.pmml;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.util.Map;
import java.util.Optional;

/**
 * Runs PMML models on the calling thread, by an evaluator of its own.
 *
 * <p>A version directory is such a model if just one of its files is PMML, or just one whose name
 * begins with {@code model.}. What counts is what is in the file, not its name.
 *
 * <p>A model has the signature {@code serving_default}: an input {@code [rows]} for each active
 * field of the mining schema, and an output {@code [rows]} for the target and for each output field
 * that is a final result. Numbers are FLOAT64, in which NaN is a missing value; strings are STRING,
 * in which the empty one is missing; inputs that are booleans are BOOL, outputs that are STRING,
 * {@code true} or {@code false}. An input is optional if the schema has a value instead of a
 * missing one. If all fields are numbers there is also the signature {@code rows} with one input
 * {@code input-0}, {@code [rows, fields]}, the fields in the schema's order.
 *
 * <p>Models may be run by several threads at once. {@link EngineOptions} change nothing.
 */
public final class PmmlEngine implements Engine {
  /** An engine that has loaded nothing yet. */
  public PmmlEngine() {}

  @Override
  public String name() {
    return "pmml";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return PmmlFile.find(files).map(PmmlFile::inspect).orElseGet(Inspection.NotMine::new);
  }

  @Override
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    Optional<PmmlFile> file = PmmlFile.find(files);
    return file.isPresent() ? file.get().describe() : Map.of();
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    PmmlFile file =
        PmmlFile.find(files)
            .orElseThrow(() ->
                new ModelLoadException(
                    "directory: "
                        + files
                        + " (expected: one file of PMML, or one of them with a name that begins"
                        + " with model.)"));
    return new PmmlModel(file.read(), file.memoryBoundBytes());
  }

  @Override
  public void close() {}
}
