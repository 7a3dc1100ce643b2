"""docs/reference holds exactly what the program prints. To renew a page: heloguard reference NAME > docs/reference/NAME.md"""
import unittest

from harness import SOURCE, CliTest

FOLDER = SOURCE / "docs" / "reference"


class Docs(CliTest):
    def test_every_page_is_in_step(self):
        for name in self.run_binary("reference").out.split():
            with self.subTest(page=name):
                self.assertEqual((FOLDER / f"{name}.md").read_text(), self.run_binary("reference", name).out)

    def test_no_page_is_left_over(self):
        printed = {f"{name}.md" for name in self.run_binary("reference").out.split()}
        self.assertEqual({path.name for path in FOLDER.glob("*.md")}, printed)


if __name__ == "__main__":
    unittest.main()
