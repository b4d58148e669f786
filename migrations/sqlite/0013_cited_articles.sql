-- The live citations of an article are counted beside it (docs/decisions/0046).
CREATE INDEX citations_live_article ON citations (article_id) WHERE retracted_at IS NULL;
