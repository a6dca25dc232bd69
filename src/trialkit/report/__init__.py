"""Results to a document, and the document to HTML, PDF and an index of studies."""
