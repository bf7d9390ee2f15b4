package io.salver.engine.trees;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.util.Map;
import java.util.Optional;

/**
 * Runs XGBoost, LightGBM and CatBoost models on the calling thread, in Java: no native library, no
 * worker.
 *
 * <p>A version directory is such a model if just one of its files is, or just one whose name begins
 * with {@code model.}: XGBoost's JSON, UBJSON or old binary format, LightGBM's text, or CatBoost's
 * binary format or JSON. What counts is what is in the file, not its name. Spark's directory of an
 * XGBoost model is one as well.
 *
 * <p>A model has the signature {@code serving_default} with one input, {@code input-0}, {@code
 * [rows, features]}, in which NaN is a missing value, and one output, {@code output-0}: {@code
 * [rows]}, or {@code [rows, classes or targets]} where the model has several answers for a row.
 * Both are FLOAT32 for XGBoost and CatBoost, FLOAT64 for LightGBM: the types that the libraries
 * compute in.
 *
 * <p>If the file says how many rows of training came to each node, there is also the signature
 * {@code contributions}, whose output of that name, {@code [rows, features + 1]} or {@code [rows,
 * classes or targets, features + 1]}, says what each feature added to the sum, the last one being
 * what no feature did.
 *
 * <p>The sums of the trees are equal to the native libraries' to the last bit. Functions on them,
 * as the exponential one, may differ from those of the C library in the last place.
 *
 * <p>Models may be run by several threads at once. {@link EngineOptions} change nothing.
 */
public final class TreesEngine implements Engine {
  /** An engine that has loaded nothing yet. */
  public TreesEngine() {}

  @Override
  public String name() {
    return "trees";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return ModelFile.find(files).map(ModelFile::inspect).orElseGet(Inspection.NotMine::new);
  }

  @Override
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    Optional<ModelFile> file = ModelFile.find(files);
    return file.isPresent() ? file.get().describe() : Map.of();
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    ModelFile file =
        ModelFile.find(files)
            .orElseThrow(() ->
                new ModelLoadException(
                    "directory: "
                        + files
                        + " (expected: one file of XGBoost, LightGBM or CatBoost, or one of them with a"
                        + " name that begins with model.)"));
    return new TreesModel(file.read());
  }

  @Override
  public void close() {}
}
