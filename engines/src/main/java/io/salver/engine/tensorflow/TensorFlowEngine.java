package io.salver.engine.tensorflow;

import io.salver.engine.Device;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Serves TensorFlow SavedModels, of TensorFlow 1 and 2, by TensorFlow's C interface.
 *
 * <p>TensorFlow's libraries come into the process with the first model that is loaded, and stay.
 * They log to the standard error stream; unless the environment has {@code TF_CPP_MIN_LOG_LEVEL},
 * errors only. With more than one intra-op thread the number that the process's first model was
 * loaded with counts: TensorFlow has one such pool for all.
 *
 * <p>The build on the class path runs models on the CPU alone, another one on the device {@code
 * cuda} as well: on one GPU in a process, with the limit of memory that the first model on it has.
 *
 * <p>The graph with the tag {@code serve} alone is served. Keys of {@link LoadedModel#metadata}:
 *
 * <ul>
 *   <li>{@value #SIGNATURE_DEF}: a serialised {@code tensorflow.serving.SignatureDefMap} with all
 *       signatures of the file, exactly as they are there, those that cannot be called included
 *   <li>{@value #REFUSED_SIGNATURES}: those that cannot be called, a line of UTF-8 each, as {@code
 *       name: reason}; absent if there are none
 *   <li>{@value #MLMD_UUID}: the text of {@code assets.extra/mlmd_uuid}; absent without that file
 * </ul>
 */
public final class TensorFlowEngine implements Engine {
  /** The metadata key of the signatures in TensorFlow Serving's encoding. */
  public static final String SIGNATURE_DEF = "tensorflow.signature_def";

  /** The metadata key of the signatures that cannot be called. */
  public static final String REFUSED_SIGNATURES = "tensorflow.refused_signatures";

  /** The metadata key of the model's identity in an ML Metadata store. */
  public static final String MLMD_UUID = "tensorflow.mlmd_uuid";

  private static final String MLMD_UUID_FILE = "assets.extra/mlmd_uuid";
  private static final long MAX_UUID_BYTES = 4096;

  private final Optional<Path> library;

  /** An engine; it loads nothing yet. */
  public TensorFlowEngine() {
    this(Optional.empty());
  }

  /**
   * An engine; it loads nothing yet.
   *
   * @param library a directory with another build of TensorFlow's libraries, or a jar with them, as
   *     for GPUs; empty for the one on the class path
   */
  public TensorFlowEngine(Optional<Path> library) {
    this.library = library;
  }

  @Override
  public String name() {
    return "tensorflow";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return new VersionInspector(files).inspect();
  }

  @Override
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    return SavedModelDescription.of(files);
  }

  @Override
  public Set<String> deviceKinds() {
    return Set.of(Device.CPU.kind(), "cuda");
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    refuseOtherFormats(files);
    ServedGraph served = ServedGraph.read(files.resolve(VersionInspector.SAVED_MODEL));
    Map<String, byte[]> metadata = new HashMap<>();
    metadata.put(SIGNATURE_DEF, served.signatureMap());
    addUuid(files, metadata);
    long memoryBytes = memoryBytes(files, served.nodes());
    TensorFlowLibrary.load(library);
    GpuUse.require(options);
    Session session = Session.open(files.directory(), options);
    try {
      return model(files, session, Signatures.of(session, served), metadata, memoryBytes);
    } catch (Throwable t) {
      session.close();
      throw t;
    }
  }

  /** The model over a session, which stays the caller's if this fails. */
  private static LoadedModel model(
      ModelFiles files,
      Session session,
      Signatures signatures,
      Map<String, byte[]> metadata,
      long memoryBytes)
      throws ModelLoadException {
    if (signatures.byName().isEmpty()) {
      signatures.close();
      throw new ModelLoadException(
          files
              + ": signatures: "
              + signatures.refused()
              + " (expected: at least one that can be called)");
    }
    if (!signatures.refused().isEmpty()) {
      metadata.put(
          REFUSED_SIGNATURES, lines(signatures.refused()).getBytes(StandardCharsets.UTF_8));
    }
    return new TensorFlowModel(session, signatures, metadata, memoryBytes);
  }

  private static void refuseOtherFormats(ModelFiles files) throws ModelLoadException {
    Path directory = files.directory();
    if (Files.isRegularFile(directory.resolve(VersionInspector.SAVED_MODEL))) {
      return;
    }
    for (String name : VersionInspector.UNSUPPORTED) {
      if (Files.isRegularFile(directory.resolve(name))) {
        String reason =
            name.startsWith("export")
                ? "legacy SessionBundle export, which TensorFlow no longer reads; export it again"
                    + " as a SavedModel"
                : "SavedModel as text; export it again in the binary form";
        throw new ModelLoadException(
            directory.resolve(name)
                + " (expected: "
                + VersionInspector.SAVED_MODEL
                + "): "
                + reason);
      }
    }
    throw new ModelLoadException(
        directory + ": no " + VersionInspector.SAVED_MODEL + " (expected: a SavedModel)");
  }

  private static long memoryBytes(ModelFiles files, long nodes) throws ModelLoadException {
    try {
      return VersionInspector.memoryBoundBytes(files, nodes);
    } catch (IOException e) {
      throw new ModelLoadException(files + ": cannot be read: " + e, e);
    }
  }

  private static void addUuid(ModelFiles files, Map<String, byte[]> metadata)
      throws ModelLoadException {
    Path file = files.resolve(MLMD_UUID_FILE);
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= MAX_UUID_BYTES) {
        metadata.put(MLMD_UUID, Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new ModelLoadException(file + ": cannot be read: " + e, e);
    }
  }

  private static String lines(Map<String, String> reasons) {
    return reasons.entrySet().stream()
        .map(reason -> reason.getKey() + ": " + reason.getValue())
        .collect(Collectors.joining("\n"));
  }

  /** Does nothing: TensorFlow's libraries cannot be unloaded. */
  @Override
  public void close() {}
}
