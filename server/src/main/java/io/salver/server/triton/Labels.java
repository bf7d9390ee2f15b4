package io.salver.server.triton;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Reads the files of labels that a configuration names. */
final class Labels {
  private static final long MAX_FILE_BYTES = 16 << 20;

  private Labels() {}

  /** The files' contents by output. */
  static Map<String, byte[]> read(ModelConfig config, Path directory) throws ConfigProblem {
    Map<String, byte[]> labels = new HashMap<>();
    for (ModelOutput output : config.getOutputList()) {
      if (!output.getLabelFilename().isEmpty()) {
        labels.put(output.getName(), read(output, new ModelFiles(directory)));
      }
    }
    return labels;
  }

  private static byte[] read(ModelOutput output, ModelFiles directory) throws ConfigProblem {
    String what =
        "output \""
            + output.getName()
            + "\": label_filename: \""
            + output.getLabelFilename()
            + "\" ";
    try {
      Path file = directory.resolve(output.getLabelFilename());
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigProblem(
            what
                + "(expected: a file in "
                + directory
                + " of at most "
                + MAX_FILE_BYTES
                + " bytes)");
      }
      return Files.readAllBytes(file);
    } catch (ModelLoadException | IOException e) {
      throw new ConfigProblem(what + "(expected: a file that can be read): " + e.getMessage());
    }
  }
}
